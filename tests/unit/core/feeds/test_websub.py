"""What a feed says of its hub, and which pushes are believed."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest

from watcher.core.feeds.parse import parse_feed
from watcher.core.feeds.websub import hub_in, is_signed, lease_of, subscription

HUB, SELF = "https://hub.example/", "https://a.example/feed"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f'<{HUB}>; rel="hub", <{SELF}>; rel="self"', (HUB, SELF)),
        (f"<{HUB}>; rel=hub", (HUB, "")),
        (f'<{HUB}>; title="x"; REL="hub self"', (HUB, HUB)),
        (f'<{HUB}>; rel="hub", <https://other.example/>; rel="hub"', (HUB, "")),
        ('<javascript:alert(1)>; rel="hub"', ("", "")),
        ("<" * 100_000, ("", "")),
        ("", ("", "")),
    ],
)
def test_a_hub_in_the_link_header(header: str, found: tuple[str, str]) -> None:
    assert hub_in(header) == found


LINKS = f'<link rel="hub" href="{HUB}"/><link rel="self" href="{SELF}"/>'


@pytest.mark.parametrize(
    "document",
    [
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>{LINKS}</feed>',
        (
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>N</title><link>https://a.example/</link>'
            f"{LINKS.replace('<link', '<atom:link')}</channel></rss>"
        ),
        (
            '{"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": [],'
            f' "feed_url": "{SELF}", "hubs": [{{"type": "rssCloud", "url": "x"}}, {{"type": "WebSub", "url": "{HUB}"}}]}}'
        ),
    ],
)
def test_a_hub_in_the_document(document: str) -> None:
    parsed = parse_feed(document.encode(), url="https://a.example/")
    assert (parsed.hub, parsed.topic) == (HUB, SELF)


def test_a_hub_that_is_no_web_address_is_none() -> None:
    parsed = parse_feed(b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="file:///etc/passwd"/></feed>')
    assert parsed.hub == ""


def signed(method: str, secret: str = "s3cret") -> str:
    return f"{method}={hmac.new(secret.encode(), b'body', getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_push_is_believed(method: str) -> None:
    assert is_signed({"x-hub-signature": signed(method)}, "s3cret", b"body")


@pytest.mark.parametrize(
    "said", ["", "sha256=", "sha256=00", signed("sha256", "other"), signed("md5"), "sha256=\u00e9"]
)
def test_any_other_is_not(said: str) -> None:
    assert not is_signed({"x-hub-signature": said} if said else {}, "s3cret", b"body")


def test_the_time_of_a_subscription_is_the_hub_s_within_bounds() -> None:
    assert lease_of("86400") == timedelta(days=1)
    assert (lease_of("1"), lease_of("999999999")) == (timedelta(minutes=5), timedelta(days=30))
    assert lease_of("") == lease_of("-5") == lease_of("0") == timedelta(days=5)


def test_the_form_is_escaped() -> None:
    assert b"hub.topic=https%3A%2F%2Fa.example%2F%3Fa%3D1%262" in subscription("https://a.example/?a=1&2", HUB, "s")
