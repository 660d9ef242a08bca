"""What the public preview page of a Telegram channel gives; the page is written by hand after the real ones."""

from __future__ import annotations

import pytest

from watcher.core.articles.normalise import normalise
from watcher.core.feeds.telegram import parse_telegram
from watcher.core.feeds.telegram_names import channel_at, channel_named
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.policy import ReadLimits

URL = "https://t.me/s/harbour"


def post(number: int, text: str, *, before: str = "", date: str = "2026-11-27T10:00:00+00:00") -> str:
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="harbour/{number}">
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author accent_color">
<a class="tgme_widget_message_owner_name" href="https://t.me/harbour"><span dir="auto">Harbour</span></a></div>
{before}{text}<div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">1.2K</span>
<a class="tgme_widget_message_date" href="https://t.me/harbour/{number}"><time datetime="{date}" class="time">10:00</time>
</a></div></div></div></div>"""


def text(html: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{html}</div>'


ANSWERED = (
    '<a class="tgme_widget_message_reply" href="https://t.me/harbour/1"><div class="tgme_widget_message_metatext '
    'js-message_reply_text" dir="auto">An old quote</div></a>'
)
FORWARDED = (
    '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;'
    '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/Seaport/77"><span>Seaport</span></a></div>'
)
POLL = '<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Will it sail?</div></div>'
PAGE = f"""<!DOCTYPE html><html><head><title>Harbour – Telegram</title></head><body>
<div class="tgme_channel_info_header_title"><span dir="auto">Harbour &amp; Sea</span></div><main>
{post(2, text("⚡️ <b>Shells shipped.</b> More<br/>follows: <a href='https://x.example'>x.example</a>"), before=ANSWERED)}
{post(3, text("From elsewhere"), before=FORWARDED)}{post(4, POLL)}{post(5, "<i class='photo'></i>", date="?")}
</main></body></html>"""


def test_each_post_is_an_item_with_its_text_address_and_date() -> None:
    feed = parse_telegram(PAGE.encode(), url=URL)
    assert (feed.kind, feed.title, feed.whole, feed.problem) == ("telegram", "Harbour & Sea", True, None)
    first, second, third, fourth = [normalise(entry, feed=FeedId("f1"), feed_url=URL) for entry in feed.entries]
    assert (first.url, first.guid) == ("https://t.me/harbour/2", "harbour/2")
    assert first.summary == "⚡️ Shells shipped. More\nfollows: x.example"
    assert str(first.published_at) == "2026-11-27 10:00:00+00:00"
    assert (second.summary, third.summary) == ("From elsewhere", "Will it sail?")
    assert (fourth.title, fourth.url, fourth.published_at) == ("", "https://t.me/harbour/5", None)


def test_a_post_is_called_by_its_first_sentence() -> None:
    first = normalise(parse_telegram(PAGE.encode(), url=URL).entries[0], feed=FeedId("f1"))
    assert first.title == "⚡️ Shells shipped."


def test_each_channel_is_a_source_and_a_forwarded_post_is_that_of_its_channel() -> None:
    sources = [normalise(entry, feed=FeedId("f1")).source for entry in parse_telegram(PAGE.encode(), url=URL).entries]
    assert sources == ["t.me/harbour", "t.me/seaport", "t.me/harbour", "t.me/harbour"]


def test_a_page_without_posts_says_what_that_means() -> None:
    page = '<html><body><div class="tgme_page"><div class="tgme_page_title">Some group</div></div></body></html>'
    problem = parse_telegram(page.encode(), url=URL).problem
    assert problem is not None
    assert problem.kind is FetchProblemKind.NOTHING_FOUND
    assert "its owner switched the preview off, or it is a group" in problem.message


def test_of_many_posts_the_newest_are_taken() -> None:
    feed = parse_telegram(PAGE.encode(), url=URL, limits=ReadLimits(max_items=2))
    assert ([entry.guid for entry in feed.entries], feed.cut) == (["harbour/4", "harbour/5"], True)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("durov", "durov"),
        ("@durov", "durov"),
        ("t.me/durov", "durov"),
        ("https://t.me/s/durov", "durov"),
        ("https://telegram.me/durov/", "durov"),
        ("https://t.me/s/durov?before=12", "durov"),
        ("https://t.me/durov/12", "durov"),
        ("du", ""),
        ("https://t.me/+AbCdEf", ""),
        ("https://t.me/joinchat/AbC", ""),
        ("https://example.org/durov", ""),
        ("a b", ""),
    ],
)
def test_a_channel_is_named_as_users_write_it(written: str, name: str) -> None:
    assert channel_named(written) == name
    assert channel_at(written) == (name if "t.me/" in written or "telegram.me/" in written else "")
