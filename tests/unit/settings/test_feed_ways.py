"""`proxy` and `tls` of a feed: what they become, and what is refused or warned of."""

from __future__ import annotations

import pytest

from tests.unit.settings.support import good, mistakes, warnings
from watcher.core.model.secret import Secret

FEED = "feeds: [{{url: 'https://a.example/', {}}}]\n"


def test_a_proxy_and_certificates_of_its_own() -> None:
    [feed] = good(FEED.format("proxy: 'http://ann:pw@proxy.example:3128', tls: {ca: own/ca.pem}")).feeds
    assert feed.request.proxy == Secret("http://ann:pw@proxy.example:3128")
    assert (feed.request.ca_file, feed.request.unverified) == ("own/ca.pem", False)


def test_a_proxy_is_no_part_of_what_is_stored() -> None:
    configuration = good(FEED.format("proxy: 'http://ann:hunter2@proxy.example:3128'"))
    assert "hunter2" not in "".join(configuration.files.values())


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("proxy: 'socks5://p.example:1'", "this is no proxy that can be asked; write http://HOST:PORT"),
        ("proxy: 'https://p.example:1'", "this is no proxy that can be asked"),
        ("proxy: nonsense", "this is no proxy that can be asked"),
        ("proxy: 'http://p.example:99999'", "this is no proxy that can be asked"),
        ("proxy: 'http://10.0.0.1:3128'", "of the proxy, 10.0.0.1 is not a public address"),
        ("tls: {ca: /etc/ca.pem}", "the certificates stand in a file below the configuration directory"),
        ("tls: {ca: ../ca.pem}", "the certificates stand in a file below the configuration directory"),
        ("tls: {verify: false}", "unknown key `verify`"),
        ("tls: {insecure: true}, auth: {username: a, password: b}", "`insecure` would hand credentials"),
        ("tls: {insecure: true}, cookies: {a: b}", "`insecure` would hand credentials"),
    ],
)
def test_what_is_wrong_with_the_way_to_a_feed(keys: str, sentence: str) -> None:
    [said] = mistakes(FEED.format(keys))
    assert sentence in said
    assert "pw" not in said


def test_a_feed_that_nobody_answers_for_is_warned_of() -> None:
    [said] = [line for line in warnings(FEED.format("tls: {insecure: true}")) if "feeds" not in line]
    assert "nobody checks who answers for this feed" in said


def test_a_proxy_of_the_own_network_needs_its_block() -> None:
    [feed] = good(FEED.format("proxy: 'http://10.0.0.1:3128', allow_private: [10.0.0.0/8]")).feeds
    assert feed.request.proxy == Secret("http://10.0.0.1:3128")
