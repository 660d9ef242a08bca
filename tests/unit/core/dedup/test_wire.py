"""What agencies put around a text comes off, and only that."""

from __future__ import annotations

import pytest

from watcher.core.dedup.titles import one_line
from watcher.core.dedup.wire import strip_wire


@pytest.mark.parametrize(
    ("text", "rest", "place"),
    [
        ("(서울=연합뉴스) 홍길동 기자 = 북한이 미사일을 쐈다", "북한이 미사일을 쐈다", "서울"),
        ("(서울·워싱턴=연합뉴스) 홍길동 김철수 특파원 = 한미가", "한미가", "서울·워싱턴"),
        ("[서울=뉴시스] 김철수 기자 = 국가정보원은", "국가정보원은", "서울"),
        ("MOSCOW (AP) - Inspectors found", "Inspectors found", "moscow"),
        ("SEOUL, South Korea (AP) — North Korea", "North Korea", "seoul"),
        ("KYIV, Nov 26 (Reuters) - Russia", "Russia", "kyiv"),
        ("PARIS, 26 nov (Reuters) - Le ministre", "Le ministre", "paris"),
        ("PYONGYANG, Nov. 26 (KCNA) -- Kim", "Kim", "pyongyang"),
        ("WARSZAWA (PAP) Straż graniczna", "Straż graniczna", "warszawa"),
        ("Berlin (dpa) - Der Minister", "Der Minister", "berlin"),
        ("МОСКВА, 26 ноября. /ТАСС/. Делегация", "Делегация", "москва"),
        ("МОСКВА, 26 ноя - РИА Новости. Глава", "Глава", "москва"),
        ("Москва. 26 ноября. INTERFAX.RU - Глава", "Глава", "москва"),
        ("КИЇВ, 15 травня. /УКРІНФОРМ/. Прикордонники", "Прикордонники", "київ"),
        ("【ソウル共同】韓国軍は", "韓国軍は", "ソウル"),
        ("［ソウル 26日 ロイター］ - 韓国軍は", "韓国軍は", "ソウル"),
        ("新华社首尔5月15日电 韩国军方", "韩国军方", "首尔"),
    ],
)
def test_dateline_comes_off_and_names_its_town(text: str, rest: str, place: str) -> None:
    bare = strip_wire(one_line(text), is_lead=True)

    assert (bare.text, bare.place) == (rest, place)


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("UPDATE 2-Central bank holds rate", "Central bank holds rate"),
        ("(2nd LD) N. Korea fires missile", "N. Korea fires missile"),
        ("(LEAD) N. Korea fires missile", "N. Korea fires missile"),
        ("[속보] 북한 미사일 발사", "북한 미사일 발사"),
        ("북한 미사일 발사(종합)", "북한 미사일 발사"),
        ("북한 미사일 발사(종합2보)", "북한 미사일 발사"),
        ("Eilmeldung: Rakete gestartet", "Rakete gestartet"),
        ("EIL +++ Rakete gestartet", "Rakete gestartet"),
        ("Молния: ракета запущена", "ракета запущена"),
        ("МОЛНИЯ. Ракета запущена", "Ракета запущена"),
        ("【速報】ミサイル発射", "ミサイル発射"),
        ("速报：导弹发射", "导弹发射"),
    ],
)
def test_mark_of_a_take_comes_off_and_is_known(title: str, rest: str) -> None:
    bare = strip_wire(one_line(title))

    assert bare.text == rest
    assert bare.take


@pytest.mark.parametrize(
    "text",
    [
        "NATO (OTAN) said the ships had left",
        "The UN (United Nations) said",
        "CORRECTED-Central bank holds rate",
        "Update on the state of the bridge",
        "【日本シリーズ】第3戦の結果",
        "北朝鮮(朝鮮民主主義人民共和国)が発射",
        "EILAT hotel opens",
        "(속보)",
    ],
)
def test_what_belongs_to_the_headline_stays(text: str) -> None:
    assert strip_wire(one_line(text)).text == one_line(text)
