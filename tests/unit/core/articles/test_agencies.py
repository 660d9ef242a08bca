"""Agencies are read from datelines alone."""

from __future__ import annotations

import pytest

from tests.unit.telling.test_summary import article
from watcher.core.articles.agencies import agency_of


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("서울 (연합뉴스) 북한이 포탄을 보냈다.", "Yonhap"),
        ("(서울=연합뉴스) 홍길동 기자 = 북한이 보냈다.", "Yonhap"),
        ("SEOUL (Reuters) - North Korea has shipped shells.", "Reuters"),
        ("СЕУЛ, 28 ноября. /ТАСС/. КНДР отправила снаряды.", "TASS"),
        ("【ソウル共同】北朝鮮が", "Kyodo"),
        ("新华社北京5月15日电 朝鲜", "Xinhua"),
        ("WASHINGTON, Nov. 28, 2026 (AP) — Shells", "AP"),
        ("The mayor of Nikopol told somebody of the agency (AP) nothing.", ""),
        ("Ships (FAP) left", ""),
        ("The mayor told Reuters on Monday that the port is open.", ""),
        ("", ""),
    ],
)
def test_an_agency_is_the_one_that_signs_the_beginning(text: str, agency: str) -> None:
    assert agency_of(article(summary=text)) == agency
