"""Claims: which figures and turns a text tells, and what is new in a story."""

from __future__ import annotations

import pytest

from watcher.core.model.article import Article
from watcher.core.model.claim import Change, Claims, Turn
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.stories.claims import changes, claims_of, is_same_sentence_of_another, raised_figure, renamed


def said(title: str, summary: str = "", lang: str = "en") -> Claims:
    return claims_of(Article(ArticleId("a1"), FeedId("f"), title=title, summary=summary, lang=lang))


@pytest.mark.parametrize(
    ("title", "dead", "injured"),
    [
        ("At least 6 killed, 14 injured as shells hit Orlan", {6}, {14}),
        ("Death toll in Orlan rises to 1,204", {1204}, set()),
        ("Twelve dead and 30 wounded in Tarsan market attack", {12}, {30}),
        ("Explosion in Dellbrook: 14 Verletzte, zwei Tote", {2}, {14}),
        ("Frappe sur Orlan : six morts et 14 blessés", {6}, {14}),
        ("Ataque en Orlan deja 6 muertos y 14 heridos", {6}, {14}),
        ("Atak na Orlan: 6 zabitych, 14 rannych", {6}, {14}),
        ("В Орлане погибли 6 человек, 14 ранены", {6}, {14}),
        ("В Орлані загинуло 6 людей, 14 поранено", {6}, {14}),
        ("오를란 포격으로 6명 사망, 14명 부상", {6}, {14}),
        ("オルランで砲撃、6人死亡14人負傷", {6}, {14}),
        ("奥尔兰遭炮击 6人死亡14人受伤", {6}, {14}),
    ],
)
def test_figures_are_known_by_their_kind(title: str, dead: set[int], injured: set[int]) -> None:
    claims = said(title)
    assert set(claims.figures.get("dead", ())) == dead
    assert set(claims.figures.get("injured", ())) == injured


NUMBERS = {
    "{} people killed in Orlan": "two three four five six seven eight nine ten eleven twelve",
    "Angriff auf Orlan: {} Tote": "zwei drei vier fünf sechs sieben acht neun zehn",
    "Frappe sur Orlan : {} morts": "deux trois quatre cinq six sept huit neuf dix",
    "Ataque en Orlan deja {} muertos": "dos tres cuatro cinco seis siete ocho nueve diez",
}


@pytest.mark.parametrize(
    ("title", "word", "number"),
    [(title, word, at) for title, words in NUMBERS.items() for at, word in enumerate(words.split(), start=2)],
)
def test_a_number_in_words_is_that_number(title: str, word: str, number: int) -> None:
    assert set(said(title.format(word)).figures["dead"]) == {number}


ACTIVE = {
    "dead": """Shells kill 3 in Orlan|Shells hit Orlan, killing 3|Strike kills at least three in Orlan|Attack claims 3 lives in Orlan|Granaten töten drei Menschen
        |Granate tötet 3|Des obus tuent 3 civils|Un obus a tué 3 civils|Un obus tue trois civils|Proyectiles matan a 3|Un proyectil mató a 3|Un proyectil mata a tres
        |Pociski zabijają 3 osoby|Pocisk zabił trzech|Снаряды убили 3 человек|Снаряд убил троих|Снаряди вбили 3 людей|Снаряд убив трьох|포격으로 3명 살해
        |炮击炸死3人|3人被炸死|砲撃で3人殺害""",
    "injured": """Shells injure 3 in Orlan|Shells hit Orlan, wounding 3|Blast injuring three|Shells wound 3 in Orlan|Granaten verletzen drei|Granate verwundet 3|Des obus blessent 3 civils
        |Proyectiles hieren a 3|Pociski ranią 3 osoby|Pocisk zranił 3 osoby|Снаряды ранили троих|Снаряди поранили 3 людей|炮击炸伤3人""",
    "held": """Police arrest 3 in Orlan|Police detain three|Police raid Orlan, arresting 3|Polizei nimmt am Montag 3 Männer fest|Polizei verhaftet drei|La police arrête 3 suspects
        |La policía detiene a 3|La policía detuvo a tres|Policja zatrzymuje 3 osoby|Полиция задержала 3 человек|Поліція затримує трьох|경찰, 3명 체포|警方拘留3人""",
    "captured": "Army captures 3 soldiers near Orlan|Rebels near Orlan capture three|3 soldiers captured in Orlan|Военные захватили троих",
    "taken": "Gunmen kidnap 3 pupils|Three pupils abducted in Orlan|Bewaffnete entführen 3 Schüler|Боевики похитили троих",
}


@pytest.mark.parametrize(
    ("kind", "title"), [(kind, title.strip()) for kind, titles in ACTIVE.items() for title in titles.split("|")]
)
def test_a_figure_may_stand_behind_a_verb_in_the_active_voice(kind: str, title: str) -> None:
    assert said(title).figures == {kind: frozenset({3})}


@pytest.mark.parametrize(
    "title",
    ["Plot to kill 3 foiled", "Shells may kill 3", "Killer whale seen with 12 young", "Tue 3 December", "Doctors save 12 lives", "Gunmen threaten to kidnap 3", "Убивчий удар 3 снарядами"],
)  # fmt: skip
def test_what_only_looks_like_a_toll_is_none(title: str) -> None:
    assert said(title) == Claims("en")


def test_each_active_verb_has_the_number_that_follows_it() -> None:
    assert said("炮击炸死3人炸伤14人").figures == {"dead": frozenset({3}), "injured": frozenset({14})}
    assert said("Des obus tuent 3 civils, en blessent 14").figures == said("Shells kill 3, injuring 14").figures


@pytest.mark.parametrize(
    "title",
    [
        "34-year-old killed in Orlan",
        "Man, aged 34, killed at 7:10",
        "Killed on 26 November in Orlan",
        "Killed on Day 400 of the war",
        "Soldier killed 20 km from Orlan",
        "Soldier killed in 2025",
        "12 comments: soldier killed",
        "오를란에서 11월 26일 34세 남성 사망",
    ],
)
def test_ages_dates_times_and_distances_are_no_figures(title: str) -> None:
    assert said(title).figures.get("dead", frozenset()) == frozenset()
    assert Turn.DEATH in said(title).turns


@pytest.mark.parametrize(
    "title",
    [
        "Ministry denies drone strike on depot", "Moskau dementiert Angriff", "Moscou dément l'attaque", "Moscú desmiente el ataque",
        "Moskwa zaprzecza atakowi", "Москва опровергла удар", "Москва заперечує удар", "러시아, 공격 부인", "ロシア、攻撃を否定", "俄罗斯否认袭击",
    ],
)  # fmt: skip
def test_a_denial_is_known_in_ten_languages(title: str) -> None:
    assert Turn.DENIAL in said(title).turns


@pytest.mark.parametrize(
    "title", ["Ministry does not deny strike", "No deaths reported in Orlan", "사망자 없어", "Keine Toten in Orlan"]
)
def test_what_is_negated_is_no_turn(title: str) -> None:
    assert said(title).turns == {}


@pytest.mark.parametrize(
    ("title", "turn"),
    [
        ("WITHDRAWN: Shells hit plant in Orlan", Turn.WITHDRAWAL),
        ("[Retraction] Shells hit plant in Orlan", Turn.WITHDRAWAL),
        ("Zurückgezogen: Granaten treffen Werk", Turn.WITHDRAWAL),
        ("Отозвано: снаряды попали в завод", Turn.WITHDRAWAL),
        ("Ministry rejects reports of shells in Orlan", Turn.DENIAL),
        ("False alarm: no missile fired, Seoul says", Turn.DENIAL),
        ("Fehlalarm: keine Rakete abgefeuert", Turn.DENIAL),
        ("Report of shells in Orlan untrue, army says", Turn.DENIAL),
        ("Worker succumbs to wounds in Orlan", Turn.DEATH),
    ],
)
def test_withdrawals_false_alarms_and_rejections_are_turns(title: str, turn: Turn) -> None:
    assert turn in said(title).turns


@pytest.mark.parametrize("title", ["Troops withdrawn: ministry counts 300", "Ministry rejects plan for Orlan"])
def test_other_withdrawals_and_rejections_are_none(title: str) -> None:
    assert said(title).turns == {}


@pytest.mark.parametrize(
    "title",
    [
        "Dellbrook blast toll rises to 12 as fire spreads",
        "Toll in Dellbrook blast climbs to 12",
        "Dellbrook toll now 12",
        "Dellbrook: le bilan s'alourdit à 12",
        "Dellbrook: Opferzahl steigt auf 12",
        "Деллбрук: кількість загиблих зросла до 12",
    ],
)
def test_a_toll_is_a_figure_of_the_dead(title: str) -> None:
    assert said(title).figures == {"dead": {12}}


@pytest.mark.parametrize("title", ["Road toll rises to 12 euros", "Bridge toll hits 12 dollars", "Toll of the bells"])
def test_what_a_road_costs_is_no_toll(title: str) -> None:
    assert said(title).figures == {}


@pytest.mark.parametrize("how", ["lowered to", "revised down to", "cut to", "reduced to"])
def test_a_toll_that_is_lowered_is_corrected(how: str) -> None:
    [change] = changes(said(f"Dellbrook blast toll {how} 7"), [said("Dellbrook blast kills 9")])[:1]
    assert change.at_once
    assert Turn.CORRECTION in said(f"Dellbrook blast toll {how} 7").turns


@pytest.mark.parametrize("title", ["Bank lowered rate to 3", "Speed limit reduced to 30", "Sentence cut to 5 years"])
def test_other_things_that_are_lowered_correct_nothing(title: str) -> None:
    assert said(title).turns == {}


def test_a_higher_figure_is_new_and_a_lower_or_known_one_is_not() -> None:
    told = [said("6 killed in Orlan"), said("10 killed in Orlan")]
    assert changes(said("12 killed in Orlan"), told) == (Change("killed", "10", "12"),)
    assert changes(said("6 killed in Orlan"), told) == ()
    assert changes(said("10 dead in Orlan, officials say"), told) == ()


def test_a_lower_figure_with_a_word_of_correction_is_new() -> None:
    found = changes(said("CORRECTED: 4 killed in Orlan, not 6"), [said("6 killed in Orlan")])
    assert [(one.what, one.at_once, one.takes_back) for one in found] == [
        ("corrected", True, True),
        ("killed", True, True),
    ]


def test_the_first_death_is_told_at_once_and_the_next_figure_may_wait() -> None:
    told = [said("14 injured in Orlan")]
    first = changes(said("Two killed, 14 injured in Orlan"), told)
    assert [(one.what, one.at_once) for one in first] == [("deaths reported", True)]
    later = changes(said("Three killed in Orlan"), [*told, said("Two killed, 14 injured in Orlan")])
    assert [(one.text, one.at_once) for one in later] == [("killed 2 → 3", False)]


def test_a_denial_by_somebody_else_is_new_and_the_same_one_is_not() -> None:
    told = [said("Russia accused of strike"), said("Russia denies strike on depot")]
    assert changes(said("Russia again denies the depot strike"), told) == ()
    assert [one.what for one in changes(said("Belarus denies strike on depot"), told)] == ["denied"]


def test_a_denial_in_another_language_is_the_same_one() -> None:
    assert changes(said("Москва опровергла удар", lang="ru"), [said("Moscow denies strike", lang="en")]) == ()


def test_a_first_text_changes_nothing() -> None:
    assert changes(said("Ministry denies strike, 6 killed"), []) == ()


@pytest.mark.parametrize(
    ("title", "dead"),
    [
        ("At least 12 people died when a ferry with 80 passengers capsized", {12}),
        ("Attack on Orlan killed 12, 14 others injured", {12}),
        ("8 people, including 2 children, killed in Orlan", {8}),
    ],
)
def test_a_word_of_a_kind_takes_one_number_only(title: str, dead: set[int]) -> None:
    assert set(said(title).figures["dead"]) == dead


def text(title: str, lead: str = "", name: str = "a1") -> Article:
    return Article(ArticleId(name), FeedId("f"), title=title, summary=lead, lang="en")


STRONG = "Strong earthquake shakes Laro coast on Monday"


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        (text("US raises tariff on Orlan steel to 50%"), text("US raises tariff on Orlan steel to 25%"), "25 → 50"),
        (text("Three hundred hostages freed in Orlan"), text("Two hundred hostages freed in Orlan"), "200 → 300"),
        (text("Twenty-seven hostages freed in Orlan"), text("Seven hostages freed in Orlan"), "7 → 27"),
        (text("قتل ٩ أشخاص في انفجار في بغداد"), text("قتل ٣ أشخاص في انفجار في بغداد"), "3 → 9"),
        (
            text(STRONG, "A magnitude 7.3 earthquake struck off Laro, the survey said.", "a2"),
            text(STRONG, "A magnitude 5.1 earthquake struck off Laro, the survey said."),
            "5.1 → 7.3",
        ),
        (text("US raises tariff on Orlan steel to 20%"), text("US raises tariff on Orlan steel to 25%"), ""),
        (text("Earthquake 60 km from Laro coast"), text("Earthquake 40 km from Laro coast"), ""),
        (text("Missile fired at 9:40 from Laro"), text("Missile fired at 7:10 from Laro"), ""),
        (text("Court in Orlan fines bank 50 million"), text("Steel tariff rises to 25%"), ""),
    ],
)
def test_a_higher_figure_of_any_kind_in_the_same_words_is_a_change(new: Article, old: Article, said: str) -> None:
    found = raised_figure(new, [old])
    assert (found.text if found else "") == (f"figure {said}" if said else "")


@pytest.mark.parametrize(
    ("new", "old", "another"),
    [
        ("Завод не поставил снаряды в Сирию", "Завод поставил снаряды в Сирию", True),
        ("Plant did not ship shells to Orlan", "Plant did ship shells to Orlan", True),
        ("Air alert in Orlan region over", "Air alert in Orlan region", True),
        ("Plant ships shells to Orlan, officials say", "Plant ships shells to Orlan", False),
    ],
)
def test_a_sentence_that_is_turned_round_is_another(new: str, old: str, another: bool) -> None:
    assert is_same_sentence_of_another(new, [old]) is another


@pytest.mark.parametrize(
    ("new", "told", "said"),
    [
        ("Alert: shells fired at Kherson", ["Alert: shells fired at Sumy"], "kherson, not sumy"),
        ("Alert: shells fired at Sumy", ["Alert: shells fired at Sumy", "Alert: shells fired at Kherson"], ""),
        ("Shells fired at Sumy in the night", ["Shells fired at Sumy at the dawn"], ""),
        ("Shells fired at Sumy, two hurt", ["Shells fired at Sumy"], ""),
    ],
)
def test_another_name_in_the_headline_of_one_item_is_a_change(new: str, told: list[str], said: str) -> None:
    found = renamed(new, told)
    assert (found.text if found else "") == said


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("[속보] 북한, 동해상으로 탄도미사일 발사", "북한, 원산서 동해상으로 탄도미사일 발사…450㎞ 비행(종합)"),
        ("BREAKING: Shells fired at Sumy", "Shells fired at Sumy by night"),
    ],
)
def test_the_mark_of_a_take_is_no_name(earlier: str, later: str) -> None:
    assert renamed(later, [earlier]) is None
