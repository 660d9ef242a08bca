"""URL keys: what remains of an article's address when everything that does not name the article is gone.

    take the real address out of a redirector or AMP cache -> host -> path -> query -> fragment -> key

The key is conservative: a wrong merge hides news, a wrong split only repeats it. So unknown parameters stay, and only
exact names of trackers go (patterns such as `*source*` or `*id*`, which general URL cleaners use, drop parameters
that name the article).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_plus, urlsplit

import idna
from publicsuffixlist import PublicSuffixList

LONGEST_URL: Final = 8192
"""Longer addresses have no key; the longest seen in real feeds are below 3,000 characters."""


@dataclass(frozen=True, slots=True)
class UrlKey:
    """The key of a URL.

    `text` is itself a URL with the same key, or "" for none. `removed` names what was taken away. `sure` is false
    where the same key does not prove the same article (AMP and mobile forms, plain anchors, the front page): the
    titles must agree too.
    """

    text: str
    removed: tuple[str, ...] = ()
    sure: bool = True


NO_KEY: Final = UrlKey("", sure=False)


def url_key_text(url: str) -> str:
    """Return the URL key as text, "" = none; the key of a key is itself."""
    return url_key(url).text


@lru_cache(maxsize=4096)
def url_key(url: str) -> UrlKey:
    """Return the URL key of any text; text that is not an http(s) URL, and Google News redirects, have none.

    http and https, `www.`, default ports, user names, trailing slashes, index pages, trackers, AMP and mobile forms
    make no difference; letter case in the path, other parameters and fragments that look like post ids do.

    Source: parameter names from the publishers' feeds and the ad networks' own documentation; hosts and paths of AMP
    caches from "AMP Cache URL format", amp.dev. Google News addresses cannot be decoded offline since July 2024.
    """
    if len(url) > LONGEST_URL:
        return NO_KEY
    removed: list[str] = []
    parts = _real(unicodedata.normalize("NFC", url.strip()), removed)
    if parts is None or parts.host == "news.google.com":
        return NO_KEY
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    text = f"https://{parts.host}{parts.port}{parts.path}{query}{fragment}"
    if len(text) > LONGEST_URL:
        return NO_KEY
    front_page = parts.path == "/" and not query and not fragment
    return UrlKey(text, tuple(dict.fromkeys(removed)), sure=not front_page and _UNSURE.isdisjoint(removed))


def site_host(host: str) -> str:
    """Return a host in lower case and ASCII ("xn--bcher-kva.example" of "bücher.example"), "" for what is none."""
    return _ascii_host(host)


def ascii_host(url: str) -> str:
    """Return the host of an http(s) URL in lower case and ASCII, "" = none."""
    parts = _split(url.strip())
    return parts.host if parts else ""


@lru_cache(maxsize=4096)
def site(url_or_host: str) -> str:
    """Return the registrable domain of a URL or host ("bbc.co.uk" of "https://news.bbc.co.uk/1"), the host itself for
    an address, "" = none.

    Source: Public Suffix List, as bundled in the publicsuffixlist package; never fetched.
    """
    text = url_or_host.strip()
    host = ascii_host(text) if "//" in text else _ascii_host(text)
    if not host or host.startswith("[") or host.replace(".", "").isdigit():
        return host
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


# -- parts ------------------------------------------------------------------------------------------

_UNSURE: Final = frozenset({"amp", "mobile host", "anchor"})
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPES: Final = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?]")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_PORT: Final = re.compile(r":(\d*)$")


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: str
    port: str  # ":8080" or ""
    path: str
    query: str
    fragment: str


@dataclass(frozen=True, slots=True)
class _Inner:
    url: str
    plain: bool  # a plain redirector, not an AMP cache


def _split(url: str) -> _Parts | None:
    """Return the parts with escapes made equal, or None for what is not an http(s) URL."""
    if url.startswith("//"):
        url = f"https:{url}"
    try:
        split = urlsplit(url)
    except ValueError:  # brackets that are no IPv6 address
        return None
    if split.scheme not in {"http", "https"}:
        return None
    netloc = split.netloc.rpartition("@")[2]
    port = _PORT.search(netloc)
    host = _ascii_host(netloc[: port.start()] if port else netloc)
    if not host:
        return None
    number = port.group(1).lstrip("0") if port else ""
    return _Parts(
        scheme=split.scheme,
        host=host,
        port="" if number in {"", "80", "443"} else f":{number[:6]}",
        path=_escaped(split.path),
        query=_escaped(split.query),
        fragment=_escaped(split.fragment),
    )


def _ascii_host(host: str) -> str:
    host = host.strip().rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").rstrip(".")
        except UnicodeError:  # idna.IDNAError is one
            return ""
    return host if _HOST.fullmatch(host) else ""


def _escaped(text: str) -> str:
    """Return the text with one spelling for each escape: unreserved characters bare, all others as upper-case UTF-8
    escapes.
    """
    return _ESCAPES.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    if (code := match.group(1)) is not None:
        character = chr(int(code, 16))
        return character if character in _UNRESERVED else f"%{code.upper()}"
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _real(url: str, removed: list[str]) -> _Parts | None:
    """Return the bare parts of the address that is meant, with no redirector or cache around it, or None."""
    parts = _split(url)
    while parts is not None:
        if inner := _inside(parts):
            removed.append("redirector" if inner.plain else "amp")
            parts = _split(inner.url)
            continue
        parts = _bare(parts, removed)
        if not _inside(parts):  # google.com/amp/url is a redirector only without its dressing
            return parts
    return None


def _bare(parts: _Parts, removed: list[str]) -> _Parts:
    """Return what of the parts names the article; what was taken away is added to `removed`."""
    bare = _Parts(
        scheme="https",
        host=_bare_host(parts.host, removed),
        port=parts.port,
        path=_bare_path(parts.path, removed),
        query=_bare_query(parts.query, removed),
        fragment=_bare_fragment(parts.fragment, removed),
    )
    if parts.scheme == "http":
        removed.append("scheme")
    return bare


# -- redirectors and caches -------------------------------------------------------------------------

_GOOGLE: Final = re.compile(r"(?:www\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})")
_AMP_CACHE: Final = re.compile(r"(?:[a-z0-9-]+\.)?(?:cdn\.ampproject\.org|bing-amp\.com)")
_AMP_CACHE_PATH: Final = re.compile(r"/[cv]/(s/)?(.+)")
_REDIRECTORS: Final = (  # host, path, parameters that hold the address
    (_GOOGLE, "/url", ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com"), "/news/apiclick.aspx", ("url",)),
    (re.compile(r"lm?\.facebook\.com"), "/l.php", ("u",)),
    (re.compile(r"[a-z0-9]+\.safelinks\.protection\.outlook\.com"), "/", ("url",)),
)


def _inside(parts: _Parts) -> _Inner | None:
    """Return the address that a redirector or AMP cache wraps, always shorter than the wrapper, or None."""
    for host, path, names in _REDIRECTORS:
        if parts.path == path and host.fullmatch(parts.host):
            values = dict(pair.partition("=")[::2] for pair in reversed(parts.query.split("&")))
            for name in names:
                inner = unquote_plus(values.get(name, ""))
                if _split(inner):
                    return _Inner(inner, plain=True)
    rest = _in_amp_path(parts)
    if "." not in rest.partition("/")[0]:
        return None
    inner = f"//{rest}" + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return _Inner(inner, plain=False) if _split(inner) else None


def _in_amp_path(parts: _Parts) -> str:
    """Return host and path that the path of an AMP cache names, or ""."""
    if _GOOGLE.fullmatch(parts.host) and parts.path.startswith("/amp/"):
        return parts.path.removeprefix("/amp/").removeprefix("s/")
    if _AMP_CACHE.fullmatch(parts.host) and (cached := _AMP_CACHE_PATH.fullmatch(parts.path)):
        return cached.group(2)
    return ""


# -- host and path ----------------------------------------------------------------------------------

_MOBILE_LABELS: Final = frozenset({"m", "mobile"})
_INDEX_PAGE: Final = re.compile(r"(?:index|default)\.(?:html?|php|shtml|aspx?|jsp)")
_SESSION: Final = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)


def _bare_host(host: str, removed: list[str]) -> str:
    labels = host.split(".")
    while len(labels) > 2:
        if labels[0] == "www":
            removed.append("www")
        elif labels[0] in _MOBILE_LABELS:
            removed.append("mobile host")
        elif labels[0] == "amp":
            removed.append("amp")
        elif len(labels) > 3 and labels[1] == "m":  # en.m.wikipedia.org
            removed.append("mobile host")
            del labels[1]
            continue
        else:
            break
        del labels[0]
    return ".".join(labels)


def _bare_path(path: str, removed: list[str]) -> str:
    path = _SESSION.sub("", path)
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    if path.endswith("/") and segments:
        removed.append("trailing slash")
    while mark := _path_mark(segments):
        removed.append(mark)
    return "/" + "/".join(segments)


def _path_mark(segments: list[str]) -> str:
    """Take one index page or AMP mark (/a/amp, /amp/a, /a.amp, /a.amp.html) out of the path and return what it was,
    "" = none.

    A path of nothing but "amp" stays: it may be an article about amplifiers.
    """
    if not segments:
        return ""
    last = segments[-1]
    if _INDEX_PAGE.fullmatch(last):
        del segments[-1]
        return "index page"
    if len(segments) > 1 and last in {"amp", "amp.html"}:
        del segments[-1]
        return "amp"
    if len(segments) > 1 and segments[0] == "amp":
        del segments[0]
        return "amp"
    for ending, plain in ((".amp.html", ".html"), (".amp", "")):
        if last.endswith(ending) and len(last) > len(ending):
            segments[-1] = last.removesuffix(ending) + plain
            return "amp"
    return ""


# -- query and fragment -----------------------------------------------------------------------------

_TRACKER_PREFIX: Final = "utm_"
_ADVERTISING: Final = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id mc_cid mc_eid mkt_tok
    _hsenc _hsmi hsctatracking vero_id vero_conv oly_enc_id oly_anon_id s_kwcid ef_id _ga _gl _openstat epik
"""
_PUBLISHERS: Final = """
    at_medium at_campaign at_campaign_type at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_origin
    at_link_type at_format at_ptr_name at_bbc_team at_creation at_variant at_emission xtor xtref ito ocid cmpid cmp dcmp
    cm_mmc cm_ven cm_cat cm_pla cm_ite ns_mchannel ns_source ns_campaign ns_linkname ns_fee wt.mc_id wt.mc_ev wt_mc
    wt.rss_f wt.rss_a wt.rss_ev smid smtyp emc mbid ncid ftag icid intcid int_cid srnd sref wprov feedtype feedname
    guccounter guce_referrer guce_referrer_sig soc_src soc_trk tblci sfnsn __twitter_impression usqp amp_js_v amp_gsa
    echobox phpsessid jsessionid
"""
_TRACKERS: Final = frozenset((*_ADVERTISING.split(), *_PUBLISHERS.split()))
_SAY_RSS: Final = frozenset({"ref", "source", "src", "from", "via", "partner", "mod", "medium", "channel", "rss"})
"""Names that may well name the article, but not when all they say is that the reader came from the feed."""
_RSS: Final = re.compile(r"(?:rss|atom|feeds?|feedburner|rss[_-]?feeds?|rss2(?:\.0)?)", re.IGNORECASE)
_YES: Final = frozenset({"", "1", "true", "yes"})
_AMP_VALUES: Final = {"amp": _YES, "outputtype": frozenset({"amp"}), "output": frozenset({"amp"})}
_PLAIN_ANCHOR: Final = re.compile(r"[A-Za-z_-]+")
_NO_PLACE: Final = frozenset({"comments", "respond", "top", "main", "content", "rss", "article"})


def _bare_query(query: str, removed: list[str]) -> str:
    kept: list[tuple[str, str]] = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if not pair or pair == "=":
            continue
        if _is_tracker(name.lower(), value):
            removed.append(name)
        elif value.lower() in _AMP_VALUES.get(name.lower(), ()):
            removed.append("amp")
        else:
            kept.append((name, pair.replace("+", "%20")))
    kept.sort(key=lambda item: item[0])  # stable: values of one name keep their order
    return "&".join(pair for _, pair in kept)


def _is_tracker(name: str, value: str) -> bool:
    if name.startswith(_TRACKER_PREFIX) or name in _TRACKERS:
        return True
    if name == "rss" and value.lower() in _YES:
        return True
    return name in _SAY_RSS and _RSS.fullmatch(value) is not None


def untracked(url: str) -> str:
    """Return a link as a reader is shown it: without what only says how the reader came there, all else as it is.

    https://a.example/x?utm_source=rss&id=7#:~:text=hi  ->  https://a.example/x?id=7
    """
    address, hash_sign, fragment = url.partition("#")
    path, _, query = address.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    kept = [name + equals + value for name, equals, value in pairs if not _is_tracker(name.lower(), value)]
    if len(kept) < len(pairs):
        address = f"{path}?{'&'.join(kept)}" if kept else path
    place = fragment.partition(":~:")[0]
    anchor = [pair.partition("=") for pair in place.lstrip("?").split("&")]
    if place and all(equals and _is_tracker(name.lower(), value) for name, equals, value in anchor):
        place = ""
    return f"{address}#{place}" if place or (hash_sign and not fragment) else address


def _bare_fragment(fragment: str, removed: list[str]) -> str:
    """Return the fragment where it may name a post of a live page, else ""."""
    place, found, _ = fragment.partition(":~:")  # the rest only marks words for the browser
    if found:
        removed.append("text fragment")
    if not place:
        return ""
    pairs = [pair.partition("=") for pair in place.lstrip("?").split("&")]
    if all(equals and _is_tracker(name.lower(), value) for name, equals, value in pairs):
        removed.append("#" + pairs[0][0])
        return ""
    if place.lower() in _NO_PLACE:
        removed.append("#" + place.lower())
        return ""
    if _PLAIN_ANCHOR.fullmatch(place):
        removed.append("anchor")
        return ""
    return place
