"""Time zones as people write them, and which one they meant."""

from __future__ import annotations

import pytest

from watcher.settings.zones import zone_meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Kiev", "Europe/Kyiv"),
        ("kyiv", "Europe/Kyiv"),
        ("europe/kyiv", "Europe/Kyiv"),
        ("new york", "America/New_York"),
        ("Soeul", "Asia/Seoul"),
        ("London", "Europe/London"),
    ],
)
def test_a_city_or_another_spelling_names_the_zone(text: str, meant: str) -> None:
    assert zone_meant(text) == f"did you mean `{meant}`?"


@pytest.mark.parametrize("text", ["UTC+2", "GMT-03:30", "+2"])
def test_an_offset_is_told_that_zones_are_cities(text: str) -> None:
    assert "name of a city" in zone_meant(text)


@pytest.mark.parametrize("text", ["xyz", "EST5", "", "/"])
def test_what_is_like_no_zone_gets_an_example(text: str) -> None:
    assert zone_meant(text) == "write a name such as Europe/Paris or UTC"
