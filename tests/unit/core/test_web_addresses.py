"""Web addresses: one answer for feeds, articles, channels and pages alike."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.core.web_addresses import (
    LONGEST_LINK,
    host_of,
    is_exact_web,
    is_web,
    origin_of,
    outlet_host,
    safe_link,
    web_url,
)

NONE = (
    "",
    "javascript:alert(1)",
    "data:text/html,x",
    "//a.example",
    "a.example/x",
    "file:///etc/passwd",
    "ftp://a.example/x",
    "http://",
    "http:///x",
    "http://[",
    "http://[::1",
    "https://user@",
    "mailto:a@a.example",
)
ANY_TEXT = st.text() | st.text('htps:/[]@.%a1é\u202e\x00 <"').map(lambda tail: f"http://{tail}")


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_web_address_is_none_for_everybody(text: str) -> None:
    assert not is_web(text)
    assert not is_exact_web(text)
    assert (web_url(text, 1000), safe_link(text)) == ("", "")


@pytest.mark.parametrize(
    "url", ["https://a.example/x", "HTTP://A.example", "http://[::1]:8080/", "https://u:p@a.example/"]
)
def test_an_http_address_with_a_host_is_a_web_address(url: str) -> None:
    assert is_web(url)
    assert is_exact_web(url)


@pytest.mark.parametrize("sign", [" ", "\n", '"', "<", "`", "\u202e", "\u200b", "\xa0"])
def test_an_exact_address_needs_no_escape(sign: str) -> None:
    assert not is_exact_web(f"https://a.example/a{sign}b")


def test_a_host_is_lower_case_without_brackets_and_final_dot() -> None:
    assert host_of("https://user:pw@News.Example.:8443/1") == "news.example"
    assert host_of("http://[2001:DB8::1]/") == "2001:db8::1"
    assert outlet_host("https://www.n.example./1") == "n.example"
    assert [host_of(text) for text in ("http://[bad", "file:feed.xml", "n.example")] == ["", "", ""]


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://a.example/x") == origin_of("HTTPS://u@A.example.:443/y")
    assert origin_of("https://a.example") != origin_of("http://a.example")
    assert origin_of("https://a.example") != origin_of("https://a.example:8443")
    assert origin_of("http://[a") != origin_of("http://[b")
    assert origin_of("http://a.example:99999") == ("", "http://a.example:99999", None)


def test_a_port_that_is_none_makes_no_web_address() -> None:
    for text in ("https://a.example:99999/SECRET", "https://a.example:x/SECRET"):
        assert not is_web(text)
        assert (safe_link(text), web_url(text, 1000)) == ("", "")


def test_a_link_with_a_user_is_not_shown() -> None:
    assert safe_link("https://paypal.example@evil.example/") == ""
    assert web_url("https://u:p@a.example:8443/x", 1000) == "https://a.example:8443/x"


@given(ANY_TEXT)
@example("http://[v1.a]/")
@example("http://\u2100.example/")
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    assert is_exact_web(text) <= is_web(text)
    assert isinstance(origin_of(text), tuple)
    assert outlet_host(text) in host_of(text)
    shown, kept = safe_link(text), web_url(text, LONGEST_LINK)
    assert shown == "" or (is_exact_web(shown) and len(shown) <= LONGEST_LINK and "@" not in urlsplit(shown).netloc)
    assert kept == "" or (is_web(kept) and web_url(kept, 10 * LONGEST_LINK) == kept)
