"""What Slack is given stays within its limits and holds no live remote text."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fakes.messages import EVERY_MESSAGE, a_message, an_alert
from watcher.core.model.message import Marked, Message, WhyGroup
from watcher.delivery.slack import bold_hits, fitting, payload, text_size

every_message = pytest.mark.parametrize("message", EVERY_MESSAGE.values(), ids=EVERY_MESSAGE.keys())
OURS = re.compile(r"<(?:!date\^\d+\^\{time\}\|\d\d:\d\d UTC|https?://[^\s|<>]+\|[^<>]*)>")


def texts(value: object) -> list[dict[str, Any]]:
    """Every text object of a payload."""
    if isinstance(value, dict):
        found = [value] if value.get("type") in ("mrkdwn", "plain_text") else []
        return found + [text for inner in value.values() for text in texts(inner)]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


@every_message
def test_nothing_is_a_link_mention_or_date_but_ours(message: Message) -> None:
    body = payload(message)
    for text in [body["text"], *(text["text"] for text in texts(body) if text["type"] == "mrkdwn")]:
        assert not re.search(r"[<>]", OURS.sub("", text))


@every_message
def test_a_message_keeps_slacks_limits(message: Message) -> None:
    body = payload(message)
    blocks = body.get("blocks", [])
    assert text_size(blocks) < 8_000
    assert len(blocks) <= 50
    assert 0 < len(body["text"]) <= 3_000
    for block in blocks:
        assert 0 < len(block.get("text", {"text": "x"})["text"]) <= 3_000
        assert len(block.get("fields", [])) <= 10
        assert all(len(field["text"]) <= 2_000 for field in block.get("fields", []))
        for element in block.get("elements", []):
            if element["type"] == "button":
                assert len(element["text"]["text"]) <= 75
                assert len(element["url"]) <= 3_000


@every_message
def test_slack_looks_for_no_links_of_its_own_in_remote_text(message: Message) -> None:
    body = payload(message)
    assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)
    assert all(text["verbatim"] for text in texts(body) if text["type"] == "mrkdwn")


def test_a_zero_width_space_keeps_bold_apart_from_letters() -> None:
    assert bold_hits(Marked("북한이 쐈다", ((0, 2, 1),)), 100) == "*북한*\u200b이 쐈다"
    assert bold_hits(Marked("in Moscow’s", ((3, 9, 1),)), 100) == "in \u200b*Moscow*\u200b’s".replace(" \u200b", " ")
    assert bold_hits(Marked("a*b c", ((0, 3, 1),)), 100) == "a*b c"


def test_a_text_is_cut_so_that_it_fits_after_escaping() -> None:
    for length in (5, 20, 77):
        assert len(fitting("<&> " * 100, length)) <= length


def test_more_reasons_than_fields_are_counted() -> None:
    alert = an_alert(why=tuple(WhyGroup(f"group {n}", (("word", 1, False),)) for n in range(14)))
    (fields,) = [block["fields"] for block in payload(a_message(alert))["blocks"] if "fields" in block]
    assert len(fields) == 10
    assert fields[8]["text"] == "*More*\n6 other reasons"


def test_our_page_is_linked_only_when_it_has_an_address() -> None:
    def buttons(message: Message) -> list[str]:
        return [
            button["text"]["text"]
            for block in payload(message)["blocks"]
            if block["type"] == "actions"
            for button in block["elements"]
        ]

    assert buttons(a_message()) == ["Read at Peninsula Wire"]
    assert buttons(a_message(an_alert(story_url="https://w.example/s/s1"))) == [
        "See the story",
        "Read at Peninsula Wire",
    ]
