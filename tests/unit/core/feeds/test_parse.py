"""What `parse_feed` promises: every dialect read the same way, and no document that raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watcher.core.feeds.parse import parse_feed
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.outcome import FetchProblemKind, Skips
from watcher.core.model.policy import ReadLimits

CASES = Path(__file__).resolve().parents[3] / "cases" / "feeds"
ITEM = "<item><title>t{0}</title><link>http://n.example/{0}</link></item>"


def case(name: str, url: str = "") -> ParsedFeed:
    return parse_feed((CASES / name).read_bytes(), url=url)


def rss(inner: str, head: str = "") -> ParsedFeed:
    body = f'<rss version="2.0"><channel><title>N</title><link>http://n.example/</link>{head}{inner}</channel></rss>'
    return parse_feed(body.encode())


def item(inner: str) -> ParsedFeed:
    return rss(f"<item>{inner}</item>")


def kind(parsed: ParsedFeed) -> FetchProblemKind | None:
    return parsed.problem.kind if parsed.problem else None


def test_rss_gives_its_own_title_link_and_texts() -> None:
    parsed = case("harbour.rss", "https://cdn.example/feeds/1")
    first = parsed.entries[0]
    assert (parsed.kind, parsed.title, parsed.lang, parsed.ttl) == (
        "rss 2.0",
        "Harbour Gazette",
        "en-gb",
        timedelta(minutes=15),
    )
    assert parsed.whole
    assert parsed.problem is None
    assert first.title == "Fishing fleet & ferries wait for the fog to lift"
    assert first.link == "https://www.harbour-gazette.example/2026/fog?from=rss&page=1"
    assert (first.guid, first.author, first.tags) == ("hg-1001", "Ada Quay", ("Weather", "weather", "Ports"))
    assert first.published_at == datetime(2026, 11, 3, 6, 30, tzinfo=UTC)
    assert first.updated_at is None
    assert first.summary.startswith("<p>Nothing moved")
    assert "<script>" in first.content


def test_permanent_guid_is_the_link_and_a_bad_date_is_none() -> None:
    second = case("harbour.rss").entries[1]
    assert second.link == "https://www.harbour-gazette.example/audio/7"
    assert (second.source_name, second.source_url) == ("Coast Wire", "https://wire.example/rss")
    assert second.published_at is None


def test_atom_takes_the_first_page_link_and_keeps_formats() -> None:
    first, second = case("observatory.atom").entries
    assert first.link == "https://sternwarte.example/blog/komet.html"
    assert (first.title, first.title_is_html) == ("Ein <em>neuer</em> Komet", True)
    assert (first.summary, first.summary_is_html) == ("Heller als 5 < 6 Magnituden", False)
    assert "Klar &amp; kalt." in first.content
    assert (first.author, first.tags, first.lang) == ("Lena Fern", ("Kometen",), "de")
    assert first.published_at == datetime(2026, 11, 2, 21, 15, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
    assert second.link == second.guid
    assert second.source_name == "Himmelsdienst"
    assert second.published_at is None


def test_rdf_is_dated_by_dublin_core() -> None:
    (entry,) = case("library.rdf").entries
    assert (entry.guid, entry.tags) == ("http://library.example/b/1", ("History",))
    assert entry.published_at == datetime(2026, 10, 30, tzinfo=UTC)


def test_json_feed_is_read() -> None:
    parsed = case("trails.json")
    first, second = parsed.entries
    assert parsed.kind == "json 1.1"
    assert (first.guid, first.title, first.title_is_html, first.lang) == ("12", "Sentier 3 < 4 km", False, "")
    assert (first.content_is_html, first.author, first.tags) == (False, "Paul Col", ("neige",))
    assert second.link == "https://ailleurs.example/a"


@pytest.mark.parametrize(
    ("xml", "title"),
    [
        ("AT&T & friends", "AT&T & friends"),
        ("AT&amp;T", "AT&T"),
        ("<![CDATA[AT&T]]>", "AT&T"),
        ("Caf&eacute;&nbsp;&hellip; &unknown;", "Café\xa0… &unknown;"),
        ("It&#146;s &#0;here&#xD800;", "It’s here"),
        ("a &lt;b&gt;bold&lt;/b&gt; word", "a <b>bold</b> word"),
        ("a <b>bold</b> word", "a <b>bold</b> word"),
        ("N\x00U\x07L", "NUL"),
        ("L'Ã©tÃ©", "L'été"),
    ],
)
def test_titles_survive_bad_escaping(xml: str, title: str) -> None:
    parsed = item(f"<title>{xml}</title>")
    assert parsed.problem is None
    assert parsed.entries[0].title == title


def test_extensions_never_replace_what_the_item_says() -> None:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    with_own = item(f"<media:group {media}><media:title>photo</media:title></media:group><title>own</title>")
    without = item(f"<media:title {media}>photo</media:title><media:description {media}>seen</media:description>")
    assert with_own.entries[0].title == "own"
    assert (without.entries[0].title, without.entries[0].summary) == ("photo", "seen")


def test_undeclared_prefix_does_not_spoil_the_feed() -> None:
    parsed = item("<title>x</title><content:encoded>body</content:encoded><odd:thing odd:of='1'>y</odd:thing>")
    assert parsed.problem is None
    assert parsed.entries[0].content == "body"


def test_prefix_that_one_item_declares_for_itself_does_not_spoil_the_others() -> None:
    declared = "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>first</content:encoded>"
    parsed = item(f"{declared}</item><item a:quoted='>'><content:encoded>second</content:encoded>")
    assert parsed.problem is None
    assert not parsed.by_feedparser
    assert [entry.content for entry in parsed.entries] == ["first", "second"]


def test_enclosure_is_the_link_of_an_item_without_one() -> None:
    assert item('<title>x</title><enclosure url="/a.mp3"/>').entries[0].link == "http://n.example/a.mp3"


def test_guid_that_is_no_permalink_is_no_link() -> None:
    assert item('<title>x</title><guid isPermaLink="false">http://n.example/1</guid>').entries[0].link == ""
    assert item("<title>x</title><guid>4711</guid>").entries[0].link == ""


def test_too_long_address_is_dropped_and_long_text_is_cut() -> None:
    entry = item(f"<title>{'ы' * 90_000}</title><link>http://n.example/{'a' * 3000}</link>").entries[0]
    assert entry.link == ""
    assert len(entry.title) <= 4 * ReadLimits().max_title_chars


def test_tags_are_capped() -> None:
    assert len(item("".join(f"<category>c{n}</category>" for n in range(5000))).entries[0].tags) == 100


@pytest.mark.parametrize("newest_first", [True, False])
def test_only_the_newest_items_are_taken(newest_first: bool) -> None:
    days = [
        f"<item><title>{day}</title><pubDate>{day:02} Nov 2026 10:00:00 GMT</pubDate></item>" for day in range(1, 21)
    ]
    body = "".join(reversed(days) if newest_first else days)
    parsed = parse_feed(f'<rss version="2.0"><channel>{body}</channel></rss>'.encode(), limits=ReadLimits(max_items=5))
    assert parsed.cut
    assert {entry.title for entry in parsed.entries} == {"16", "17", "18", "19", "20"}


# -- broken documents -------------------------------------------------------------------------------


def test_document_that_ends_early_keeps_its_whole_items() -> None:
    body = b'<rss version="2.0"><channel><title>N</title><item><title>whole</title></item><item><title>ha'
    parsed = parse_feed(body)
    assert [entry.title for entry in parsed.entries] == ["whole"]
    assert not parsed.whole
    assert kind(parsed) is FetchProblemKind.MALFORMED


def test_one_ill_formed_item_leaves_the_others_alone() -> None:
    parsed = rss(ITEM.format(1) + "<item><title>bad <b>bold</title></item>" + ITEM.format(2))
    assert [entry.title[:3] for entry in parsed.entries] == ["t1", "bad", "t2"]
    assert parsed.whole
    assert kind(parsed) is FetchProblemKind.MALFORMED


def test_items_without_end_and_half_closed_cdata_are_read() -> None:
    assert len(rss("<item><title>a</title>" * 9).entries) == 9
    entry = rss("<item><title>a</title><description><![CDATA[kept]]</description></item>").entries[0]
    assert "kept" in entry.summary + entry.content


@pytest.mark.parametrize(
    "odd",
    [
        "<gml:pos>52.1 4.3</gml:pos>",  # a place outside of its <where>
        "<textInput><link>http://n.example/2</link></textInput>",
        '<x:y xmlns:x="a&#9;b&#9;c"/>',
    ],
)
def test_element_that_a_tolerant_parser_fails_at_costs_itself_alone(odd: str) -> None:
    about = (
        "<link>http://n.example/2</link><guid isPermaLink='false'>g2</guid><dc:creator>Ada</dc:creator>"
        "<category>Ports</category><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>"
    )
    parsed = rss(ITEM.format(1) + f"<item>{odd}<title>A <b>&amp; B</title>{about}</item>" + ITEM.format(3))
    second = parsed.entries[1]
    assert [entry.link for entry in parsed.entries] == [f"http://n.example/{number}" for number in (1, 2, 3)]
    assert (second.title, second.guid, second.author, second.tags) == ("A <b>& B", "g2", "Ada", ("Ports",))
    assert second.published_at == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert kind(parsed) is FetchProblemKind.MALFORMED


def test_odd_element_of_an_atom_entry_costs_itself_alone() -> None:
    entry = (
        "<entry><title>A<link href='/2' rel='alternate'/><id>urn:2</id><gml:pos>1 2</gml:pos>"
        "<summary type='xhtml'><p>Fog<br>again</p></summary><content><![CDATA[<p>Ships & boats</p>]]></content></entry>"
    )
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><gml:pos>1 2</gml:pos><i>'
    parsed = parse_feed(f"{head}{entry}</feed>".encode(), url="https://n.example/atom")
    (only,) = parsed.entries
    assert (only.title, only.link, only.guid) == ("A", "https://n.example/2", "urn:2")
    assert (only.summary, only.content) == ("<p>Fog<br>again</p>", "<p>Ships & boats</p>")


def test_document_without_items_that_a_tolerant_parser_fails_at_is_malformed() -> None:
    parsed = parse_feed(b"<rss><channel><title>N</title><gml:pos>1 2</gml:pos><i></channel></rss>")
    assert (kind(parsed), parsed.entries, parsed.whole) == (FetchProblemKind.MALFORMED, (), False)


def test_blank_within_the_name_of_a_namespace_does_not_spoil_the_feed() -> None:
    text = (CASES / "library.rdf").read_text("utf-8").replace("http://www.w3.org/1999", "http://\twww.w3.org/1999")
    assert parse_feed(text.encode()).entries == case("library.rdf").entries


def test_items_within_items_are_all_read_in_order() -> None:
    parsed = rss("<item><title>a</title><item><title>b</title></item></item>")
    assert [entry.title for entry in parsed.entries] == ["a", "b"]


def test_empty_feed_is_no_problem_and_an_empty_document_is_one() -> None:
    assert rss("").problem is None
    assert kind(parse_feed(b"")) is FetchProblemKind.EMPTY
    assert kind(parse_feed(b" \r\n\xef\xbb\xbf")) is FetchProblemKind.EMPTY


def test_web_page_is_named_with_the_feed_that_it_points_to() -> None:
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/all.rss?a=1&amp;b=2"></head></html>'
    parsed = parse_feed(page, url="https://paper.example/news")
    assert kind(parsed) is FetchProblemKind.NOT_A_FEED
    assert parsed.problem is not None
    assert "https://paper.example/all.rss?a=1&b=2" in parsed.problem.message
    assert not parsed.entries


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Error</body></html>",
        b"just words",
        b"<opml/>",
        b'{"a": 1}',
        b"[1]",
    ],
)
def test_what_is_no_feed_is_said_so(body: bytes) -> None:
    parsed = parse_feed(body)
    assert kind(parsed) is FetchProblemKind.NOT_A_FEED
    assert not parsed.whole


def test_body_that_names_a_local_file_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_bytes((CASES / "harbour.rss").read_bytes())
    assert not parse_feed(str(secret).encode()).entries


# -- hostile documents ------------------------------------------------------------------------------

MANY = " ".join(f'a{n}="1"' for n in range(40_000))
NESTED = "".join(f'<!ENTITY e{n} "' + 10 * f"&e{n - 1};" + '">' for n in range(1, 10))
LONG = "x" * 20_000


@pytest.mark.parametrize(
    "body",
    [
        f'<!DOCTYPE r [<!ENTITY e0 "x">{NESTED}]><rss><channel><item><title>&e9;</title></item></channel></rss>',
        f'<!DOCTYPE r [<!ENTITY e "{LONG}">]><rss><channel><item><title>{20_000 * "&e;"}</title></item></channel></rss>',
        f"<rss><channel><item {MANY}/></channel></rss>",
        f"<rss><channel><item><title>x<b></title><p {MANY}/></item></channel></rss>",
        f"<rss><channel>{'<a>' * 100_000}{'</a>' * 100_000}</channel></rss>",
        '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"version": "https://jsonfeed.org/version/1", "items": [], "x": ' + "[" * 200 + "]" * 200 + "}",
    ],
    ids=[
        "nested entities",
        "long entity",
        "attributes",
        "attributes ill-formed",
        "depth",
        "json depth",
        "json small depth",
    ],
)
def test_bombs_are_refused(body: str) -> None:
    parsed = parse_feed(body.encode())
    assert kind(parsed) is FetchProblemKind.TOO_COMPLEX
    assert not parsed.entries


@pytest.mark.parametrize("extra", ['"items": []', '"x": 1e400', '"x": NaN', '"x": ' + "1" * 5000])
def test_json_that_readers_could_take_two_ways_is_refused(extra: str) -> None:
    body = '{"version": "https://jsonfeed.org/version/1", "items": [], ' + extra + "}"
    assert kind(parse_feed(body.encode())) is FetchProblemKind.MALFORMED


def test_external_entity_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden words")
    body = f'<!DOCTYPE r [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><rss><channel><item><title>a&e;b</title></item></channel></rss>'
    assert "hidden" not in repr(parse_feed(body.encode()))


def test_endless_openings_do_not_keep_the_parser_busy() -> None:
    """Each of these took minutes in a tolerant parser; the limit of the test run would catch it."""
    for piece in ("<!--", "<![CDATA[", '<a href="', "<?", "&", "<"):
        parse_feed(f"<rss><channel>{piece * 200_000}</channel></rss>".encode())
        rss(f"<item><title>x</title><description><![CDATA[{piece * 50_000}]]></description></item>")


def test_ill_formed_items_beyond_those_for_the_tolerant_parser_keep_their_usual_elements() -> None:
    broken = "<item><title>t{0} & <b>more</title><link>http://n.example/{0}</link><guid>g{0}</guid><x:y</item>"
    parsed = rss("".join(broken.format(number) for number in range(700)))
    assert [entry.link for entry in parsed.entries] == [f"http://n.example/{number}" for number in range(700)]
    assert {entry.guid for entry in parsed.entries} == {f"g{number}" for number in range(700)}
    assert all(entry.title.startswith(f"t{number} &") for number, entry in enumerate(parsed.entries))


@pytest.mark.parametrize(
    ("inner", "length"),
    [
        ("<dc:creator>" + "a" * 100_000 + "</dc:creator>", 2000),
        ("<author>" + "a@b " * 30_000 + "</author>", 2000),
        ("".join(f"<dc:creator>Ann {number}</dc:creator>" for number in range(20_000)), 2000),
    ],
)
def test_authors_are_cut_before_they_are_read(inner: str, length: int) -> None:
    parsed = parse_feed(
        f"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item><title>t</title>{inner}</item></channel></rss>".encode()
    )
    assert 0 < len(parsed.entries[0].author) <= length


def test_base_that_is_no_address_is_left_out() -> None:
    base = "http://long.example/" + "a" * 100_000 + "/"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='{base}'><title>N</title><entry><id>1</id><title>t</title><link href='x'/></entry></feed>"
    assert parse_feed(body.encode(), url="https://n.example/feed").entries[0].link == "https://n.example/x"


def test_items_are_told_from_what_only_looks_like_one_within_cdata() -> None:
    text = "<item><title>a</title><description><![CDATA[one <item> two <item > three]]></description></item>"
    later = "<item><title>b</title><description><![CDATA[never closed <b></description></item>"
    parsed = rss(text + text + later)
    assert [entry.title for entry in parsed.entries] == ["a", "a", "b"]


def test_first_document_type_alone_is_taken_out() -> None:
    body = (
        "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss version='2.0'><channel><title>N</title>"
        + ITEM.format(1)
        + "<b></channel></rss>"
    )
    assert [entry.title for entry in parse_feed(body.encode()).entries] == ["t1"]


def _rdf(count: int, open_tag: str = "rdf:RDF") -> str:
    items = "".join(
        f"<item rdf:about='http://n.example/{n * 7919}'><title>Story {n}</title><link>http://n.example/{n * 7919}</link></item>"
        for n in range(count)
    )
    spaces = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"
    return f"<{open_tag} {spaces}><channel><title>N</title></channel><image><url>http://n.example/i</url></image>{items}</{open_tag}>"


@pytest.mark.parametrize("cut_at", [180, 260, 330, 395, 400, 420, 433, 460, 700, 710, 730])
def test_rss_1_0_that_is_cut_behind_its_channel_is_not_whole_and_gives_no_half_item(cut_at: int) -> None:
    document = _rdf(20)
    known = {(entry.guid, entry.link, entry.title) for entry in parse_feed(document.encode()).entries}
    assert len(known) == 20
    parsed = parse_feed(document[:cut_at].encode())
    assert not parsed.whole
    assert {(entry.guid, entry.link, entry.title) for entry in parsed.entries} <= known


@pytest.mark.parametrize("end", ["</channel>", "</rss>", "</CHANNEL>\n<!-- served in 3 ms -->"])
def test_ill_formed_rss_is_whole_by_any_end_that_no_item_follows(end: str) -> None:
    head = "<rss version='2.0'><channel><title>N & M</title>"
    assert parse_feed(f"{head}{ITEM.format(1)}{end}".encode()).whole
    assert not parse_feed(f"{head}{ITEM.format(1)}{end}<item><title>Half a ti".encode()).whole


@pytest.mark.parametrize(
    "cut",
    [
        "<guid>2</guid><description><![CDATA[an RSS ends with </channel></rss> and ",
        "<guid>2<!-- </rss> -->",
        "<description><![CDATA[write </rss>, never <item",
    ],
)
def test_a_document_that_is_cut_in_an_item_that_speaks_of_the_end_tag_is_not_whole(cut: str) -> None:
    before = f"<rss version='2.0'><channel><title>N</title>{ITEM.format(1)}<item><title>How to</title>"
    parsed = parse_feed(f"{before}{cut}".encode())
    assert (parsed.whole, [entry.title for entry in parsed.entries]) == (False, ["t1"])


def test_a_section_that_is_never_closed_leaves_the_end_of_the_document_in_force() -> None:
    inner = "<item><title>One</title><description><![CDATA[text]]</description></item>"
    assert parse_feed(f"<rss version='2.0'><channel><title>N</title>{inner}</channel></rss>\n".encode()).whole


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 0.25),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 24),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
        ("<sy:updateFrequency>2</sy:updateFrequency>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>-1</sy:updateFrequency>", None),
        (f"<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>{9:020d}</sy:updateFrequency>", None),
    ],
)
def test_a_feed_says_how_often_it_changes(said: str, hours: float | None) -> None:
    parsed = parse_feed(f"<rss version='2.0'><channel><title>N</title>{said}</channel></rss>".encode())
    assert parsed.period == (timedelta(hours=hours) if hours else None)


@pytest.mark.parametrize(
    ("said", "hours", "days"),
    [
        ("<skipHours><hour>0</hour><hour> 23 </hour></skipHours>", (0, 23), ()),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>-1</hour><hour>noon</hour></skipHours>", (0,), ()),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Sun</day></skipDays>", (), (5, 6)),
        (f"<skipHours>{''.join(f'<hour>{n}</hour>' for n in range(24))}</skipHours>", (), ()),
        ("<hour>3</hour><item><skipHours><hour>4</hour></skipHours></item>", (), ()),
    ],
)
def test_a_feed_says_when_it_brings_nothing(said: str, hours: tuple[int, ...], days: tuple[int, ...]) -> None:
    parsed = parse_feed(f"<rss version='2.0'><channel><title>N</title>{said}</channel></rss>".encode())
    assert parsed.skips == Skips(hours, days)


def test_of_too_many_undated_items_those_at_both_ends_are_taken() -> None:
    body = "".join(f"<item><title>{number}</title></item>" for number in range(1, 31))
    parsed = parse_feed(f'<rss version="2.0"><channel>{body}</channel></rss>'.encode(), limits=ReadLimits(max_items=6))
    assert parsed.cut
    assert [entry.title for entry in parsed.entries] == ["1", "2", "3", "28", "29", "30"]
