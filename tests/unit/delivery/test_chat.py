"""A message as text of a chat service: what is left of it where it does not fit, or cannot be made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.messages import a_message, an_alert
from watcher.core.model.message import Message
from watcher.delivery.chat import Markup, bare_within, markdown_escaped, text_of

MARKUP = Markup(1_900, markdown_escaped, "**{}**".format)


def with_link(url: str, **changes: Any) -> Message:
    return a_message(an_alert(url=url), **changes)


def test_a_link_of_the_bare_form_leads_somewhere() -> None:
    url = "https://wire.example/2026/a_b-c.html?x=1&y=2#z"
    assert url in bare_within(with_link(url), MARKUP).split("\n")


@pytest.mark.parametrize("url", ["https://a.example/[x](https://evil.example)", "https://a.example/@everyone"])
def test_a_link_of_the_bare_form_is_no_markup_and_no_mention(url: str) -> None:
    assert url not in bare_within(with_link(url), MARKUP)


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_link_that_is_longer_than_the_service_takes_costs_the_link_and_not_the_headline(is_plain: bool) -> None:
    found = text_of(with_link("https://wire.example/" + "a" * 1_950, plain=is_plain), MARKUP)
    assert "gunners at Russian range" in found
    assert len(found) <= MARKUP.limit
    assert "This message could not be shown" not in found
