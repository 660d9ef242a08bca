"""Laws of URL keys that must hold for any text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from watcher.core.articles.urls import site, url_key_text

_HOSTS = st.sampled_from(
    [
        "example.com",
        "www.m.example.com",
        "amp.example.co.uk",
        "www.google.com",
        "www-example-com.cdn.ampproject.org",
        "münchen.example",
        "EXAMPLE.com:443",
        "user:pass@example.com:8080",
        "[::1]:80",
        "en.m.wiki.example.org",
        "m.google.com",
        "m.facebook.com",
        "lm.facebook.com",
        "amp.bing.com",
    ]
)
_PATHS = st.lists(
    st.sampled_from(
        [
            "a",
            "A",
            "amp",
            "index.html",
            "..",
            "",
            ".",
            "c",
            "s",
            "url",
            "l.php",
            "news",
            "apiclick.aspx",
            "a.amp.html",
            "%zz",
            "%7e",
            "é",
            "example.org",
            "a;jsessionid=1",
        ]
    ),
    max_size=7,
).map("/".join)
_QUERIES = st.lists(
    st.sampled_from(
        [
            "utm_source=x",
            "id=1",
            "id=2",
            "ref=rss",
            "ref=7",
            "amp=1",
            "amp",
            "a=b+c",
            "=",
            "",
            "url=https%3A%2F%2Fexample.net%2Fa%3Fq%3D1",
            "u=http%3A%2F%2Fwww.google.com%2Famp%2Furl%3Fq%3Dhttp%253A%252F%252Fexample.net%252F%252Bb%2Bc",
        ]
    ),
    max_size=4,
).map("&".join)
_FRAGMENTS = st.sampled_from(["", "p12", "xtor=RSS-1", "comments", "latest-news", ":~:text=a", "!/b", "a=%zz"])
_URLS = st.builds("{}://{}/{}?{}#{}".format, st.sampled_from(["http", "https"]), _HOSTS, _PATHS, _QUERIES, _FRAGMENTS)


@given(_URLS)
@example(
    "https://www.google.com/url?url=https%3A%2F%2Fwww.google.com%2Furl%3Furl%3Dhttps%253A%252F%252Fexample.com%252Fa"
)
@example("http://www.google.com/amp/url?url=https%3A%2F%2Fexample.net%2Fa%3Fq%3D1")
@example("https://amp.google.com/amp/s/example.net/a/amp")
@example("https://example.com/amp/index.html/amp/amp.html")
@example("https://example.com/a?b=%2b&c=%20d+e")
def test_key_of_a_key_is_itself(url: str) -> None:
    key = url_key_text(url)

    assert key
    assert url_key_text(key) == key


@given(st.text())
@example("https://[")
@example("http://[::1")
@example("//\ud800.example/\ud800")
@example("https://exa\u2100mple.com/")
@example("http://a:99999999999999/")
def test_any_text_has_a_key_or_none(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}", f"https://example.com/?{text}"):
        key = url_key_text(url)
        assert key.isascii()
        assert url_key_text(key) == key
        site(url)
        site(text)


@given(_URLS)
def test_key_keeps_the_site(url: str) -> None:
    key = url_key_text(url)

    assert site(key) == site(site(key))
