"""The picture of the rooms is the one that the import contracts draw."""

from __future__ import annotations

from tests.house.picture import BEGIN, END, PAGE, contracts_of_the_project, picture, with_picture

CONTRACTS = [
    {"type": "layers", "containers": ["watcher"], "layers": ["cli", "web | storage", "core", "errors"]},
    {"type": "layers", "containers": ["watcher.core"], "layers": ["alerts", "feeds"]},
    {"type": "forbidden", "source_modules": ["watcher.core"]},
]


def test_the_picture_in_the_architecture_is_current() -> None:
    page = PAGE.read_text("utf-8")
    drawn = with_picture(page, picture(contracts_of_the_project()))
    assert page == drawn, "the import contracts changed: run `python -m tests.house.picture`"


def test_rooms_stand_in_the_order_of_their_contract_and_the_core_inside() -> None:
    lines = picture(CONTRACTS).splitlines()
    assert '    house1["web · storage"]' in lines
    assert [line.strip() for line in lines if "-->" in line] == [
        "house0 --> house1",
        "core0 --> core1",
        "house1 --> core",
        "core --> house2",
    ]


def test_the_rest_of_the_page_stays() -> None:
    page = f"before\n{BEGIN}old\n{END}after\n"
    assert with_picture(page, "new\n") == f"before\n{BEGIN}new\n{END}after\n"
