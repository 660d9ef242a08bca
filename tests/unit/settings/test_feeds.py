from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.settings.support import good, mistakes, warnings
from watcher.core.model.policy import FeedForm, FirstPoll, FullText
from watcher.core.model.secret import Secret
from watcher.settings.feed_ways import private_host


def test_a_feed_is_a_url_or_a_mapping() -> None:
    first, second = good(
        "feeds:\n"
        "  - https://world.example.org/rss.xml\n"
        "  - {url: https://wire.example.net/asia.atom, name: asia-wire, was: [old], tags: [wire], every: 5m,"
        " first_poll: alert, max_age: 1d, lang: KO, silent_after: 6h, user_agent: desk, cookies: {a: b}}\n"
    ).feeds
    assert (first.name, first.named, first.every, first.max_age) == (
        "world.example.org/rss.xml",
        False,
        None,
        timedelta(days=3),
    )
    assert (second.name, second.named, second.was, second.tags) == ("asia-wire", True, ("old",), ("wire",))
    assert (second.every, second.max_age) == (timedelta(minutes=5), timedelta(days=1))
    assert (second.first_poll, second.lang, second.silent_after) == (FirstPoll.ALERT, "ko", timedelta(hours=6))
    assert second.request.user_agent == "desk"
    assert second.request.cookies == {"a": Secret("b")}
    assert str(second.place) == "a.yaml:3:5"


def test_defaults_hold_where_a_feed_has_none() -> None:
    defaults = "defaults: {every: 20m, max_age: 1d, first_poll: alert}\n"
    plain, own = good(f"{defaults}feeds: ['https://a.example/', {{url: 'https://b.example/', every: 1h}}]\n").feeds
    assert (plain.every, plain.max_age, plain.first_poll) == (timedelta(minutes=20), timedelta(days=1), FirstPoll.ALERT)
    assert own.every == timedelta(hours=1)


def test_derived_names_are_unique_and_never_take_a_given_one() -> None:
    text = (
        "feeds:\n"
        "  - https://www.a.example/rss/\n"
        "  - https://a.example/rss?lang=en\n"
        "  - https://a.example/rss\n"
        "  - {url: https://b.example/, name: b.example/x}\n"
        "  - https://b.example/x\n"
    )
    names = [feed.name for feed in good(text).feeds]
    assert names == ["a.example/rss", "a.example/rss?lang=en", "a.example/rss-2", "b.example/x", "b.example/x-2"]


def test_credentials_in_a_url_become_credentials() -> None:
    feed = good("feeds: ['https://ann:p%40ss@a.example:8443/x?y=z']\n").feeds[0]
    assert feed.url == "https://a.example:8443/x?y=z"
    assert (feed.request.username, feed.request.password) == ("ann", Secret("p@ss"))
    assert feed.name == "a.example/x"


def test_auth_takes_a_secret_and_a_missing_one_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "feeds: [{url: 'https://a.example/', auth: {username: ann, password: '${FEED_KEY}'}, headers: {X-Key: '${OTHER_KEY}'}}]\n"
    assert [said.split(": ", 1)[1] for said in warnings(text)] == [
        "feed a.example is asked without its secret: FEED_KEY is not set",
        "feed a.example is asked without its secret: OTHER_KEY is not set",
    ] or len(warnings(text)) == 2
    assert good(text).feeds[0].request.password is None
    assert good(text).feeds[0].request.headers == {}
    monkeypatch.setenv("FEED_KEY", "hunter2")
    assert good(text).feeds[0].request.password == Secret("hunter2")
    assert good(text).secrets() == ("hunter2",)


def test_a_sample_feed_stands_below_the_configuration_directory() -> None:
    feed = good("feeds: [{url: 'file:sample/feed.xml', sample: true, first_poll: alert}]\n").feeds[0]
    assert (feed.url, feed.sample, feed.first_poll) == ("file:sample/feed.xml", True, FirstPoll.ALERT)


@pytest.mark.parametrize("where", ["feed", "network"])
def test_a_private_address_may_be_allowed(where: str) -> None:
    if where == "feed":
        text = "feeds: [{url: 'http://127.0.0.1:8000/', allow_private: [127.0.0.0/8]}]\n"
    else:
        text = "network: {allow_private: [127.0.0.0/8]}\nfeeds: ['http://127.0.0.1:8000/']\n"
    assert len(good(text).feeds) == 1


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://8.8.8.8/", False),
        ("http://paper.example/", False),  # a name is looked at when it is dialled
        ("http://localhost/", True),
        ("http://[2606:4700::1111]/", False),
        ("http://[::1]/", True),
        ("http://169.254.169.254/", True),
        ("http://100.64.0.1/", True),
        ("http://[fe80::1%25eth0]/", True),
        ("http://224.0.0.1/", True),
        ("http://0.0.0.0/", True),
    ],
)
def test_literal_addresses_that_are_not_public_are_seen(url: str, private: bool) -> None:
    assert bool(private_host(url, ())) is private


def test_a_page_is_read_by_the_links_that_a_selector_finds() -> None:
    feed = good("feeds: [{page: 'https://port.example/news', links: 'h2 > a.title', tags: [sea]}]\n").feeds[0]
    assert (feed.form, feed.url, feed.links) == (FeedForm.PAGE, "https://port.example/news", "h2 > a.title")
    assert feed.name == "port.example/news"


def test_a_telegram_channel_is_read_by_its_preview_page() -> None:
    for written in ("harbour", "'@harbour'", "https://t.me/harbour"):
        feed = good(f"feeds: [{{telegram: {written}, every: 5m}}]\n").feeds[0]
        assert (feed.form, feed.url, feed.name) == (FeedForm.TELEGRAM, "https://t.me/s/harbour", "t.me/s/harbour")


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        ("{page: 'https://a.example/'}", "feed https://a.example/ needs `links`; a CSS selector of the links"),
        ("{url: 'https://a.example/', links: h2 a}", "`links` says how a page is read; write `page`"),
        ("{url: 'https://a.example/', page: 'https://a.example/', links: a}", "has `url` and `page`; keep one"),
        ("{telegram: abcd, url: 'https://a.example/'}", "has `url` and `telegram`; keep one of them"),
        ("{page: 'https://a.example/', links: 'a['}", "`a[`: this is not a CSS selector; write the elements"),
        ("{telegram: a b}", "`a b` is not the name of a Telegram channel; write what follows t.me/"),
        (
            "{page: 'https://a.example/', selector: a}",
            "unknown key `selector` in feed https://a.example/; did you mean",
        ),
        ("{page: 'http://10.0.0.1/', links: a}", "10.0.0.1 is not a public address"),
        ("{name: a}", "feed a needs `url`"),
    ],
)
def test_a_feed_that_says_wrongly_where_it_is_gets_a_sentence(feed: str, said: str) -> None:
    assert said in "\n".join(mistakes(f"feeds: [{feed}]\n"))


def test_pages_are_read_where_that_is_asked_for_and_the_extra_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for written, meant in {"true": FullText.ALL, "near_miss": FullText.NEAR_MISS, "no": FullText.NO}.items():
        text = f"feeds: [{{url: 'https://a.example/', full_text: {written}}}]\n"
        assert good(text).feeds[0].full_text is meant
        assert warnings(text) == warnings("feeds: [{url: 'https://a.example/'}]\n")
    assert "write true, near_miss or false" in "\n".join(
        mistakes("feeds: [{url: 'https://a.example/', full_text: x}]\n")
    )
    monkeypatch.setattr("watcher.lexicon.extras.can_read_pages", lambda: False)
    said = "\n".join(warnings("feeds: [{url: 'https://a.example/', full_text: true}]\n"))
    assert "`full_text` needs the extra `fulltext`" in said
    assert "pip install 'news-watcher[fulltext]'" in said
