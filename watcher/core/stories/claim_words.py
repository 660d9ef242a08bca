"""The words by which claims are known, in ten languages: kinds of figures, turns, and numbers written as words.

Own lists, from reading agency headlines of each language; a stem stands for its inflections.
"""

from __future__ import annotations

from typing import Final

import regex


def _pattern(spaced: str, unspaced: str = "", phrases: str = "") -> regex.Pattern[str]:
    """Return a pattern for stems at the start of words (`spaced`), for signs anywhere (`unspaced`), and for whole
    phrases, which are patterns.
    """
    stems = "|".join(sorted(spaced.split(), key=len, reverse=True)).replace("_", " ")
    signs = "|".join(sorted(unspaced.split(), key=len, reverse=True))
    return regex.compile(
        rf"(?<![\p{{L}}\p{{M}}])(?:(?:{stems})[\p{{L}}\p{{M}}]*"
        + (f"|(?:{phrases})(?![\\p{{L}}\\p{{M}}]))" if phrases else ")")
        + (f"|(?:{signs})" if signs else ""),
        flags=regex.I,
    )


_NO_PLAN: Final = r"(?<!\b(?:to|would|could|might|may|can|will|shall|must)\s)"
"""Who is to be killed is alive: "plot to kill 3"."""

_TOLL: Final = (
    r"(?<!(?:road|bridge|tunnel|highway|motorway)\s)toll(?=\s(?:[^.:]{1,40}\s)?(?:ris|rose|climb|jump|hit|reach|pass|top|now\b|stands|grow|grew|mount|fall|fell|soar|lower|revis"
    r"|rais|cut\b|up\b|down\b|back\b|at\b|over\b|above\b))|bilan(?=\ss.alourdi)"
)
"""The dead, in short: "toll in Dellbrook rises to 12"; what a road costs is another toll."""

FIGURES: Final = {
    "dead": _pattern(
        """succumb killed kills killing dead deaths death_toll died dies perish slain murdered murders fatalit bodies getötet tötet töten tötend tote toten
        todesopfer ums_leben starben morts tués tuées tuent tuant muertos muertas fallecid mueren matan mató mataron matando asesina zabit zabij
        zabił zgin ofiar śmierteln погиб убит убил убива жертв загин загибл вбит вбил вбива жертви opferzahl""",
        "사망 숨져 숨졌 숨진 사살 살해 死亡 死者 丧生 遇难 遇難 喪生 炸死 打死 击毙 殺害",
        rf"{_NO_PLAN}kill|a\s+tué|ont\s+tué|(?-i:tue)|mata|убив|вбив|(?<=claim(?:s|ed|ing)?\s[^.]{{1,16}})lives|{_TOLL}",
    ),
    "injured": _pattern(
        """injur wounded wounds wound wounding hurt verletzt verletzen verletzend verwund bless herid hieren hirió hirieron hiriendo lesiona rann ranią ranił zrani
        пострада ранен ранил ранят ранит поранен поранил травмов""",
        "부상 다쳐 다쳤 다친 受伤 受傷 负伤 負傷 けが 重傷 軽傷 炸伤 打伤 伤者",
    ),
    "missing": _pattern(
        "missing unaccounted vermisst disparu desaparecid zagini пропавш пропали зникл", "실종 失踪 失蹤 行方不明"
    ),
    "held": _pattern(
        """arrested arrests arresting detained detains detaining held festgenommen verhafte arrêt détenus détient détiennent interpell detenid
        detien detuv arresta zatrzym aresztow aresztuj задерж арестова затрим заарештов""",
        "체포 구속 逮捕 拘束 被捕 拘留",
        rf"{_NO_PLAN}(?:arrest|detain)|(?:nimmt|nehmen|nahm|nahmen)(?=[^.]{{1,40}}\bfest\b)",
    ),
    "captured": _pattern(
        """captured captures capturing gefangen_genommen capturé capturent capturan capturó capturaron schwyta pojma
        взяли_в_плен взято_в_плен захватил захвач полонен взяли_в_полон""",
        "생포 俘虏 俘虜 捕虜",
        rf"{_NO_PLAN}capture",
    ),
    "taken": _pattern(
        """kidnaps kidnapped kidnapping abducts abducted abducting hostages entführt entführen entführte enlevés enlèvent secuestr porwa
        похит викра захоплен_в_заручники""",
        "납치 绑架 綁架 拉致 誘拐",
        rf"{_NO_PLAN}(?:kidnap|abduct)",
    ),
}
ACTIVE: Final = regex.compile("(?<!被)(?:炸|打|击|擊)(?:死|伤|傷|毙)")
"""Chinese verbs that stand before their number ("炸死3人"), unless they are passive ("3人被炸死")."""

FIGURE_LABELS: Final = {
    "dead": "killed",
    "injured": "injured",
    "missing": "missing",
    "held": "held",
    "captured": "captured",
    "taken": "kidnapped",
}

TURNS: Final = {
    "denial": _pattern(
        """denies denied denying deny denials denial refutes refuted rejects_claim rejects_report rejects_alleg rejected_claim rejected_report
        dismisses_claim dismisses_report dismissed_claim dismissed_report false_alarm hoax untrue baseless unfounded fehlalarm fausse_alerte
        falsa_alarma fałszywy_alarm ложная_тревога ложной_тревог хибна_тривога dementiert bestreitet streitet_ab leugnet dément démenti nie_avoir
        desmiente desmient niega negó zaprzecza zaprzeczy dementuje опроверг отрица заперечу спросту""",
        "부인 반박 오경보 오보 虚惊 误报 誤報 否认 否認 否定 驳斥 反駁 打ち消",
    ),
    "correction": _pattern(
        """corrected corrects correction clarification berichtig korrigiert rectificati rectifie corrige corrección sprostowani koryguje
        поправка исправ уточня виправ уточню""",
        "정정 更正 訂正 勘误",
        r"(?<=\b(?:toll|count|number|figure|deaths)\b[^.]{0,30}\b)(?:lowered|reduced|revised|cut)(?=\s(?:down|back|to)\b)",
    ),
    "withdrawal": _pattern(
        """retracts retracted retraction withdraws_claim withdraws_report withdraws_statement withdrawn_claim takes_back walks_back
        zieht_zurück widerruft rétracte retracta se_retracta wycofuje_się odwołuje отозва отзывает відклика""",
        "철회 撤回 撤销",
    ),
    "death": FIGURES["dead"],
    "confirmation": _pattern(
        "confirms confirmed confirm bestätigt confirme confirma potwierdza подтвержд підтвердж", "확인 证实 證實 確認"
    ),
    "end": _pattern(
        """ends ended resumes resumed reopens reopened lifted lifts beendet endet wieder_geöffnet prend_fin termina finaliza zakończ
        wznaw заверш возобнов закінч відновл""",
        "종료 재개 結束 结束 終了 再開",
    ),
}
TURN_LABELS: Final = {
    "denial": "denied",
    "correction": "corrected",
    "withdrawal": "withdrawn",
    "death": "deaths reported",
    "confirmation": "confirmed",
    "end": "ended or resumed",
}
CORRECTION_MARKS: Final = (
    "corrected",
    "correction:",
    "(정정)",
    "정정:",
    "berichtigung",
    "rectificatif",
    "更正",
    "訂正",
    "поправка",
    "sprostowanie",
)

WITHDRAWAL_MARKS: Final = (
    "withdrawn:",
    "withdrawn]",
    "withdrawn)",
    "withdrawal:",
    "story withdrawn",
    "retracted",
    "retraction",
    "zurückgezogen:",
    "retiré:",
    "retiré :",
    "retirado:",
    "retirada:",
    "wycofane:",
    "отозвано:",
    "відкликано:",
    "철회",
    "撤稿",
    "撤回",
    "取り消し",
)
"""At the start of a text only: troops are withdrawn too."""

NEGATED: Final = regex.compile(
    r"(?<![\p{L}])(?:not|no|never|neither|without|nicht|kein|keine|pas|sin|nie|не|без|ні)\s+(?:[\p{L}]+\s+)?$",
    flags=regex.I,
)
NO_DEATH: Final = regex.compile(
    r"""(?<![\p{L}])(?:no|zero|without|keine?|aucun|sans|ningún|sin|bez|brak|нет|без|немає)\s+(?:[\p{L}]+\s+){0,2}(?:deaths?|dead|casualt|fatalit|killed
        |tote|todesopfer|morts?|muert|víctimas|ofiar|жертв|погиб|загибл)|사망자(?:는|가)?\s*없|死者(?:は)?(?:いない|なし|无)|无人死亡|無人死亡
        |feared\s+dead|presumed\s+dead""",
    flags=regex.X | regex.I,
)

_NUMBERS: Final = {
    2: "two zwei deux dos dwóch dwie dwoje два две двое двоих двух два дві двоє двох",
    3: "three drei trois tres trzech troje trzy три трое троих трёх трех троє трьох",
    4: "four vier quatre cuatro czterech czworo четыре четверо четверых четырёх четырех чотири четверо чотирьох",
    5: "five fünf cinq cinco pięciu pięcioro пять пятеро пятерых пяти п'ять п'ятеро п'ятьох",
    6: "six sechs seis sześciu шесть шестеро шестерых шести шість шестеро шістьох",
    7: "seven sieben sept siete siedmiu семь семеро семерых семи сім семеро сімох",
    8: "eight acht huit ocho ośmiu восемь восьмеро вісім",
    9: "nine neun neuf nueve dziewięciu девять дев'ять",
    10: "ten zehn dix diez dziesięciu десять",
    11: "eleven elf onze once jedenastu одиннадцать одинадцять",
    12: "twelve zwölf douze doce dwunastu двенадцать дванадцять",
    13: "thirteen dreizehn treize trece trzynastu тринадцать тринадцять",
    14: "fourteen vierzehn quatorze catorce czternastu четырнадцать чотирнадцять",
    15: "fifteen fünfzehn quinze quince piętnastu пятнадцать п'ятнадцять",
    16: "sixteen sechzehn seize dieciséis szesnastu шестнадцать шістнадцять",
    17: "seventeen siebzehn diecisiete siedemnastu семнадцать сімнадцять",
    18: "eighteen achtzehn dieciocho osiemnastu восемнадцать вісімнадцять",
    19: "nineteen neunzehn diecinueve dziewiętnastu девятнадцать дев'ятнадцять",
    20: "twenty zwanzig vingt veinte dwudziestu двадцать двадцять",
    30: "thirty dreißig trente treinta trzydziestu тридцать тридцять",
}  # fmt: skip
NUMBER_WORDS: Final = {word: number for number, all_words in _NUMBERS.items() for word in all_words.split()}
