"""The words by which claims are known, in ten languages: kinds of figures, turns, and numbers written as words.

Own lists, from reading agency headlines of each language; a stem stands for its inflections.
"""

from __future__ import annotations

from typing import Final

import regex


def _pattern(spaced: str, unspaced: str = "") -> regex.Pattern[str]:
    """Return a pattern for stems at the start of words (`spaced`) and for signs anywhere (`unspaced`)."""
    stems = "|".join(sorted(spaced.split(), key=len, reverse=True)).replace("_", " ")
    signs = "|".join(sorted(unspaced.split(), key=len, reverse=True))
    return regex.compile(
        rf"(?<![\p{{L}}\p{{M}}])(?:{stems})[\p{{L}}\p{{M}}]*" + (f"|(?:{signs})" if signs else ""), flags=regex.I
    )


FIGURES: Final = {
    "dead": _pattern(
        """succumb killed kills dead deaths death_toll died dies fatalit bodies getötet tote toten todesopfer ums_leben starben morts tués tuées
        muertos muertas fallecid mueren zabit zgin ofiar śmierteln погиб убит жертв загин вбит жертви""",
        "사망 숨져 숨졌 숨진 死亡 死者 丧生 遇难 遇難 喪生",
    ),
    "injured": _pattern(
        """injur wounded wounds wound hurt verletzt verwundet bless herid lesionad rann пострада ранен ранены поранен травмован""",
        "부상 다쳐 다쳤 다친 受伤 受傷 负伤 負傷 けが 重傷 軽傷",
    ),
    "missing": _pattern(
        "missing unaccounted vermisst disparu desaparecid zagini пропавш пропали зникл", "실종 失踪 失蹤 行方不明"
    ),
    "held": _pattern(
        """arrested arrests detained detains held festgenommen verhaftet arrêt détenus interpell detenid arrestad zatrzyma aresztowan
        задержан арестован затриман заарештован""",
        "체포 구속 逮捕 拘束 被捕 拘留",
    ),
}
FIGURE_LABELS: Final = {"dead": "killed", "injured": "injured", "missing": "missing", "held": "held"}

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
    2: "two zwei deux dos dwóch dwie dwoje два две двое два дві двоє",
    3: "three drei trois tres trzech troje trzy три трое троє",
    4: "four vier quatre cuatro czterech czworo четыре четверо чотири четверо",
    5: "five fünf cinq cinco pięciu pięcioro пять пятеро п'ять п'ятеро",
    6: "six sechs seis sześciu шесть шестеро шість шестеро",
    7: "seven sieben sept siete siedmiu семь семеро сім семеро",
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
