"""Only values of the wanted type come out of bytes, whatever the bytes are."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.article import Article, ArticleKeys, Field
from watcher.core.model.explanation import Explanation, GroupExplanation, Nearest, Stop, StopKind
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Excluded, FailedMatch, GroupHit, Match, Raised, ReadArticle, Span
from watcher.core.model.outcome import FeedProblem, FetchProblemKind, Reading, ReadRequest
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    Independent,
    Near,
    Not,
    Raise,
    Rule,
    RuleSource,
    Severity,
    Spike,
    Term,
)
from watcher.reading.codec import MOST_BYTES, BadData, Codec

NOON = datetime(2026, 11, 23, 12, 0, 0, 17, tzinfo=UTC)
SPAN = Span(Field.TITLE, 3, 9, "shell*", "arms")
ARTICLE = Article(
    ArticleId("a1"), FeedId("f1"), title="北 shells\n\ud800", tags=("x", "y"), published_at=NOON, lang_declared=True
)
READ = ReadArticle(
    ARTICLE,
    ArticleKeys(bytes(range(16)), b"", url=b"\xff"),
    (Match(RuleId("r"), (GroupHit("Arms", (SPAN, SPAN)),), (Raised(1, "why"),), timedelta(hours=6)),),
    (FailedMatch(RuleId("q"), "error"),),
    (Excluded(RuleId("e"), "football"),),
)
READING = Reading(
    FeedId("f1"),
    7,
    (READ, READ),
    problem=FeedProblem(FetchProblemKind.MALFORMED, "cut"),
    ttl=timedelta(minutes=5),
    period=timedelta(hours=1),
)
NODE = AllOf((Term("a", field=Field.URL), AnyOf((Not(ConceptRef("c")), Near((Term("x"), AtLeast(Term("y"), 3)), 5)))))
RULES = RuleSource(
    3,
    (
        Rule(RuleId("r"), "R", NODE, raises=(Raise(Severity.HIGH, NODE, Independent(2, timedelta(days=1))),)),
        Rule(RuleId("s"), "S", AnyOf(()), trend=Spike(RuleId("r"), timedelta(hours=1), timedelta(days=7), 3, 5)),
    ),
    {"c": Concept("c", (Term("z"),), (Term("zz"),), "C")},
    {"word": 0.25},
)
NEAREST = Nearest(
    (Explanation(RuleId("r"), "R", False, (GroupExplanation("g", True, (SPAN,)),), Stop(StopKind.MISSING, "x")),), 4
)


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (Reading, READING),
        (RuleSource, RULES),
        (Nearest, NEAREST),
        (tuple[ReadArticle, ...], (READ,)),
        (ReadRequest, ReadRequest(FeedId("f"), b"\x00\xff\n", "u", 1)),
        (type(None), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_come_back_equal(hint: Any, value: object) -> None:
    codec = Codec[Any](hint)
    back = codec.unpack(codec.pack(value))
    assert back == value
    assert type(back) is type(value)


def lines_of(value: Reading) -> list[Any]:
    return [
        json.loads(line) for line in Codec[Reading](Reading).pack(value).decode("utf-8", "surrogatepass").split("\n")
    ]


def refused(lines: list[Any]) -> bool:
    data = "\n".join(json.dumps(line) for line in lines).encode()
    try:
        Codec[Reading](Reading).unpack(data)
    except BadData:
        return True
    return False


@pytest.mark.parametrize("at", range(len(lines_of(READING)[0])))
@pytest.mark.parametrize("value", [None, {}, 1.5, [[[]]], {"a": 1}, 2**80, "x" * 3, True, -1], ids=repr)
def test_field_of_another_type_is_refused(at: int, value: object) -> None:
    head, *articles = lines_of(READING)
    kind = type(head[at])
    head[at] = value
    assert refused([head, *articles]) or type(value) is kind or head[at] is None or kind is int


@pytest.mark.parametrize("at", range(len(lines_of(READING)[1][0])))
@pytest.mark.parametrize("value", [{}, 1.5, [[[]]], 2**80], ids=repr)
def test_field_of_an_article_of_another_type_is_refused(at: int, value: object) -> None:
    head, first, second = lines_of(READING)
    first[0][at] = value
    assert refused([head, first, second])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"NaN",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 5_000_000,
        b"1" * 10_000,
        b'"' + b"x" * MOST_BYTES + b'"',
        pickle.dumps(READING),
        pickle.dumps(READING, 0),
        b"cos\nsystem\n(S'true'\ntR.",
        Codec[Reading](Reading).pack(READING)[:-1],
        Codec[Reading](Reading).pack(READING) + b"\n0",
        b"\n".join(Codec[Reading](Reading).pack(READING).split(b"\n")[:-1]),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_reading_is_refused(data: bytes) -> None:
    with pytest.raises(BadData):
        Codec[Reading](Reading).unpack(data)


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode)
)
def test_garbage_is_refused_and_nothing_else_is_raised(data: bytes) -> None:
    with pytest.raises(BadData):
        Codec[Reading](Reading).unpack(data)


def test_rule_of_an_unknown_class_is_refused() -> None:
    packed = Codec[RuleSource](RuleSource).pack(RULES)
    for name in (b"Popen", b"Rule", b"object", b"__class__"):
        with pytest.raises(BadData):
            Codec[RuleSource](RuleSource).unpack(packed.replace(b'"AllOf"', b'"' + name + b'"'))
