"""What Slack is given stays within its limits and holds no live remote text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.messages import AT, EVERY_MESSAGE, a_message, an_alert
from watcher.core.model.message import Marked, Message, MessageKind, SourceLine, WhyGroup
from watcher.delivery.slack import fitting, hits_in_bold, payload, text_size

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
        for section in block["elements"] if block["type"] == "rich_text" else []:
            assert all(part.get("text") or part["type"] == "emoji" for part in section["elements"])
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


MARKED_UP = (
    "*bold* _italic_ ~struck~ `code` ```block``` :bomb: <!channel> <@U1> <https://x.example|Reuters> | > & &lt; *a*"
)


def everything_marked_up() -> Message:
    """A message in which every word that a publisher or a rule can write is Slack's markup."""
    alert = an_alert(
        headline=Marked(MARKED_UP, ((0, 6, 1),)),
        excerpt=Marked(MARKED_UP, ((0, 6, 1), (7, 15, 2))),
        source=MARKED_UP,
        rule_name=MARKED_UP,
        why=(WhyGroup(MARKED_UP, ((MARKED_UP, 2, True),), MARKED_UP), WhyGroup("army", (("*a*", 1, False),))),
        lines=(SourceLine(AT, MARKED_UP, "https://x.example/1", MARKED_UP, "en"),),
        note=MARKED_UP,
        url="https://x.example/a_b_c/*d*/~e~?q=`f`|g>h",
    )
    return a_message(alert)


@pytest.mark.parametrize(
    "changes", [{}, {"kind": MessageKind.SUMMARY}, {"plain": True}, {"title": MARKED_UP, "kind": MessageKind.SUMMARY}]
)
def test_what_a_publisher_writes_is_never_in_markup(changes: dict[str, Any]) -> None:
    body = payload(replace(everything_marked_up(), **changes))
    assert body["mrkdwn"] is False
    assert not re.search(r"[<>]", body["text"].replace("https://x.example/a_b_c/*d*/~e~?q=%60f%60%7Cg%3Eh", ""))
    ours = [re.sub(r":(?:red|large_orange|large_blue|white)_circle: |<!date\^[^>]*>", "", text["text"])
            for text in texts(body) if text["type"] == "mrkdwn"]  # fmt: skip
    for text in ours:
        assert not re.search(r"[_~`:]|\*(?!(?:High|Sources|army|SAMPLE High)\*)(?<!\w\*)", text), text


def test_what_a_publisher_writes_is_shown_letter_for_letter() -> None:
    (section,) = [block for block in payload(everything_marked_up())["blocks"] if block["type"] == "rich_text"]
    headline, line_break, *excerpt = section["elements"][0]["elements"]
    assert (headline["type"], headline["text"], headline["style"]) == ("link", MARKED_UP, {"bold": True})
    assert headline["url"] == "https://x.example/a_b_c/*d*/~e~?q=%60f%60%7Cg%3Eh"
    assert line_break["text"] == "\n"
    assert "".join(part["text"] for part in excerpt) == MARKED_UP
    assert [part["text"] for part in excerpt if "style" in part] == ["*bold*", "_italic_"]


def test_words_without_markup_keep_the_bold_names_of_their_reasons() -> None:
    (fields,) = [block["fields"] for block in payload(a_message())["blocks"] if "fields" in block]
    assert fields[0] == {
        "type": "mrkdwn", "text": "*North Korea*\nNorth Korean (title), Pyongyang ×3", "verbatim": True
    }  # fmt: skip


def test_hits_touch_the_letters_beside_them() -> None:
    assert hits_in_bold(Marked("북한이 쐈다", ((0, 2, 1),))) == [
        {"type": "text", "text": "북한", "style": {"bold": True}},
        {"type": "text", "text": "이 쐈다"},
    ]


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
