"""What reading one document promises: every item kept, told apart, matched, and no document that raises."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import needs_shared, shared
from watcher.core.language.terms import parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.ids import FeedId, RuleId
from watcher.core.model.outcome import FetchProblemKind, Identity, Reading, ReadRequest
from watcher.core.model.rule import AllOf, Rule, RuleSource
from watcher.core.read import match_articles, read_document

CASES = Path(__file__).resolve().parents[2] / "cases" / "feeds"
DOCUMENTS = [path.read_bytes() for path in sorted(CASES.iterdir())]


def rules(*words: str, revision: int = 1) -> RuleSet:
    made = tuple(Rule(RuleId(word), word, AllOf((parse_term(word),))) for word in words)
    return compile_rules(RuleSource(revision, made))


def read(body: bytes, under: RuleSet | None = None, **about: object) -> Reading:
    request = ReadRequest(FeedId("f1"), body, "https://n.example/rss", 1, **about)  # type: ignore[arg-type]
    return read_document(request, under or rules())


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel>{"".join(f"<item>{item}</item>" for item in items)}</channel></rss>'.encode()


def test_document_becomes_matched_articles_with_ids() -> None:
    reading = read(
        (CASES / "harbour.rss").read_bytes(), rules("fog", "ferries", "snow"), feed_name="gazette", tags=("coast",)
    )
    first, second = reading.articles
    assert [match.rule for match in first.matches] == ["fog", "ferries"]
    assert second.matches == ()
    assert first.article.id != second.article.id
    assert (first.article.feed_name, first.article.tags, first.article.lang) == (
        "gazette",
        ("Weather", "Ports", "coast"),
        "en",
    )
    assert (reading.whole, reading.problem, reading.revision, reading.kind) == (True, None, 1, "rss 2.0")


def test_ids_stay_the_same_over_polls_and_order() -> None:
    one, two = "<title>a</title><link>https://n.example/1</link>", "<title>b</title><link>https://n.example/2</link>"
    before = {read.article.title: read.article.id for read in read(rss(one, two)).articles}
    after = {read.article.title: read.article.id for read in read(rss(two, one)).articles}
    assert before == after


def test_item_without_guid_link_or_title_keeps_its_id() -> None:
    body = rss("<description>only words</description>")
    assert read(body).articles[0].article.id == read(body).articles[0].article.id


def test_same_item_twice_is_taken_once_and_two_under_one_guid_are_both_kept() -> None:
    same = "<guid>g</guid><title>a</title><link>https://n.example/1</link>"
    other = "<guid>g</guid><title>b</title><link>https://n.example/2</link>"
    edited = "<guid>g</guid><title>a</title><link>https://n.example/1</link><description>more</description>"
    assert len(read(rss(same, same)).articles) == 1
    both = read(rss(same, other))
    assert len({read.article.id for read in both.articles}) == 2
    assert both.identity is Identity.LINK
    assert len({read.article.id for read in read(rss(same, edited)).articles}) == 2


def test_entry_that_says_nothing_is_refused_and_leaves_the_others() -> None:
    reading = read(
        rss("<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>", "<title>a</title>", "<link>javascript:alert(1)</link>")
    )
    assert [read.article.title for read in reading.articles] == ["a"]
    assert [entry.position for entry in reading.refused] == [0, 2]
    assert reading.whole


def test_articles_are_matched_again_with_the_same_keys() -> None:
    for identity in Identity:
        found = read((CASES / "harbour.rss").read_bytes(), rules("fog"), identity=identity)
        again = match_articles([read.article for read in found.articles], rules("ferries", revision=2))
        assert [read.keys for read in again] == [read.keys for read in found.articles]
        assert [match.rule for match in again[0].matches] == ["ferries"]


def test_title_with_markup_and_nul_reaches_no_one() -> None:
    (only,) = read(
        rss("<title>&lt;script&gt;alert(1)&lt;/script&gt;Har\x00bour &lt;b&gt;news&lt;/b&gt;</title>")
    ).articles
    assert only.article.title == "Harbour news"


@given(st.binary(max_size=300))
def test_no_bytes_raise(body: bytes) -> None:
    read(body)


@settings(max_examples=300)
@given(st.sampled_from(DOCUMENTS), st.data())
def test_no_damaged_document_raises(document: bytes, data: st.DataObject) -> None:
    body = bytearray(document)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        match data.draw(st.sampled_from(["cut", "drop", "byte", "piece"])):
            case "cut":
                del body[at:]
            case "drop":
                del body[at : at + 7]
            case "byte":
                body[at:at] = data.draw(st.binary(max_size=3))
            case _:
                pieces = [
                    b"<item>",
                    b"</item>",
                    b"<![CDATA[",
                    b"]]>",
                    b"<!--",
                    b"&",
                    b"<title>",
                    b"</channel>",
                    b'{"',
                    b"]",
                    b"\xff\xfe",
                    b'xml:base="http://[',
                    b' xmlns:x="a&#9;b&#9;c"',
                    b"<gml:pos>",
                    b"<textInput>",
                    b"&#xD800;",
                ]
                body[at:at] = data.draw(st.sampled_from(pieces))
    read(bytes(body))


@pytest.mark.parametrize("size", range(0, 2600, 97))
def test_document_cut_anywhere_keeps_whole_items_only(size: int) -> None:
    document = (CASES / "harbour.rss").read_bytes()
    whole = {read.article.title: read.article for read in read(document).articles}
    for found in read(document[:size]).articles:
        assert found.article.summary == whole[found.article.title].summary
        assert found.article.content == whole[found.article.title].content


@pytest.mark.shared
@needs_shared
def test_three_hundred_real_documents_are_read() -> None:
    documents = sorted(shared("corpus/feeds/docs").iterdir())
    chosen = documents[:: len(documents) // 300][:300]
    problems: Counter[FetchProblemKind] = Counter()
    articles = 0
    for path in chosen:
        reading = read(path.read_bytes(), rules("korea", "russia"))
        articles += len(reading.articles)
        if reading.problem is not None and not reading.articles:
            problems[reading.problem.kind] += 1
    assert len(chosen) == 300
    assert articles > 500
    assert sum(problems.values()) <= 10, problems
    assert set(problems) <= {FetchProblemKind.NOT_A_FEED, FetchProblemKind.MALFORMED, FetchProblemKind.EMPTY}


# -- documents that say what the last one said ---------------------------------------------------------

ITEM = "<title>Fog</title><guid>1</guid><pubDate>Mon, 05 Feb 2024 12:30:00 GMT</pubDate>"


def dated(item: str, built: str = "Mon, 05 Feb 2024 12:30:00 GMT", comments: int = 1, body: str = "") -> bytes:
    head = f"<lastBuildDate>{built}</lastBuildDate><pubDate>{built}</pubDate><generator>g {built}</generator>"
    counts = f"<slash:comments>{comments}</slash:comments><thr:total>{comments}</thr:total>{body}"
    names = 'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:thr="http://purl.org/syndication/thread/1.0"'
    return f'<rss version="2.0" {names}><channel>{head}<item>{item}{counts}</item></channel></rss>'.encode()


def test_document_with_other_channel_dates_and_counts_is_unchanged() -> None:
    first = read(dated(ITEM))
    again = read(dated(ITEM, built="Tue, 06 Feb 2024 09:00:00 GMT", comments=7), known=first.stripped_hash)
    assert (again.unchanged, again.articles, again.whole) == (True, (), True)
    assert again.stripped_hash == first.stripped_hash
    assert not read(dated(ITEM)).unchanged


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("<title>Fog</title>", "<title>Fog lifts</title>"),
        ("<guid>1</guid>", "<guid>2</guid>"),
        ("05 Feb", "06 Feb"),
        ("</guid>", "</guid><description><![CDATA[<pubDate>now</pubDate>]]></description>"),
        ("</guid>", "</guid><description>&lt;slash:comments&gt;8 dead&lt;/slash:comments&gt;</description>"),
        ("</guid>", "</guid><description><![CDATA[<!-- quiet -->x]]></description>"),
    ],
)
def test_any_change_of_an_item_is_read(kept: str, shown: str) -> None:
    known = read(dated(ITEM)).stripped_hash
    assert len(read(dated(ITEM.replace(kept, shown)), known=known).articles) == 1


@pytest.mark.parametrize("prefix", ["a", "a-b.c", "x" * 30])
def test_a_date_of_an_item_under_any_prefix_is_a_change(prefix: str) -> None:
    def feed(day: int) -> bytes:
        return (
            f'<{prefix}:feed xmlns:{prefix}="http://www.w3.org/2005/Atom"><{prefix}:entry><{prefix}:id>1</{prefix}:id>'
            f"<{prefix}:title>Fog</{prefix}:title><{prefix}:updated>2024-02-0{day}T10:00:00Z</{prefix}:updated>"
            f"</{prefix}:entry></{prefix}:feed>"
        ).encode()

    known = read(feed(1)).stripped_hash
    assert read(feed(1), known=known).unchanged
    assert not read(feed(2), known=known).unchanged


@pytest.mark.parametrize(
    "about",
    [{"tags": ("coast",)}, {"feed_name": "gazette"}, {"lang": "de"}, {"configuration": "alert"}, {"sample": True},
     {"identity": Identity.LINK}],
)  # fmt: skip
def test_unchanged_document_is_read_again_under_another_configuration(about: dict[str, object]) -> None:
    known = read(dated(ITEM)).stripped_hash
    assert len(read(dated(ITEM), known=known, **about).articles) == 1  # type: ignore[arg-type]


def test_unchanged_document_is_read_again_under_other_rules_and_never_when_cut_short() -> None:
    known = read(dated(ITEM)).stripped_hash
    assert len(read(dated(ITEM), rules("fog", revision=2), known=known).articles) == 1
    cut = dated(ITEM).removesuffix(b"</channel></rss>")
    assert not read(cut, known=read(cut).stripped_hash).unchanged
