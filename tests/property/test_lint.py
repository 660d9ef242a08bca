"""Lint that looks terms up gives the warnings of lint that compares each term with every other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.lint.covers import Covered, Covering, covers, same_words
from watcher.core.lint.rules import lint
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.place import Place
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Node, Rule, RuleSource, Term

_TEXTS = (
    "Kim", "Kim Jong Un", "Jong Un", "russia", "Russia*", "Russian", "*ase", "case", "*eas*", "cease*", "ceasefire", "cease fire",
    "北", "北朝鮮", "북한", "북한*", "북한군", "Erdogan", "Erdoğan", "US", "U.S.", "T-72", "T72", "C++", "Kim, Jong", "в боях", "в лесах",
)  # fmt: skip
_NAMES = ("a", "b", "c")


def _terms() -> st.SearchStrategy[Term]:
    return st.builds(
        Term,
        st.sampled_from(_TEXTS),
        case=st.sampled_from((False, False, False, True)),
        exact=st.sampled_from((False, False, False, True)),
        field=st.sampled_from((None, None, None, Field.TITLE)),
    )


def _lists(names: Sequence[str]) -> st.SearchStrategy[tuple[Node, ...]]:
    item: st.SearchStrategy[Node] = _terms()
    if names:
        item = st.one_of(item, item, st.sampled_from(names).map(ConceptRef))
    return st.lists(item, min_size=1, max_size=5).map(tuple)


@st.composite
def _sources(draw: st.DrawFn) -> RuleSource:
    concepts = {
        name: Concept(name, draw(_lists(_NAMES[:position])), place=Place("c.yaml", position + 1))
        for position, name in enumerate(_NAMES)
    }
    rules = tuple(
        Rule(
            RuleId(f"r{number}"),
            "r",
            AllOf(tuple(map(AnyOf, draw(st.lists(_lists(_NAMES), min_size=1, max_size=2))))),
            none=tuple(map(AnyOf, draw(st.lists(_lists(_NAMES), max_size=1)))),
            place=Place("r.yaml", number + 1),
        )
        for number in range(draw(st.integers(1, 5)))
    )
    return RuleSource(1, rules, concepts)


@given(st.lists(_terms(), max_size=12), _terms())
def test_looking_up_finds_what_comparing_all_finds(terms: list[Term], one: Term) -> None:
    assert set(Covering(terms).of(one)) - {one} == {term for term in terms if covers(term, one)} - {one}
    assert set(Covered(terms).by(one)) == {term for term in terms if covers(one, term)}


@given(st.sampled_from(_TEXTS), st.sampled_from(_TEXTS))
def test_a_hit_of_a_covered_term_is_one_of_the_term_that_covers_it(wide: str, narrow: str) -> None:
    rules = compile_rules(RuleSource(1, (Rule(RuleId("w"), "w", Term(wide)),)))
    article = Article(ArticleId("a"), FeedId("f"), content=f"Today {narrow.replace('*', 'x')} again.")

    matches, _ = rules.match(article)

    assert matches or not covers(Term(wide), Term(narrow))


@settings(max_examples=200)
@given(_sources())
def test_warnings_are_those_of_comparing_every_term_with_every_other(source: RuleSource) -> None:
    found = lint(source)

    for rule in source.rules:
        assert isinstance(rule.body, AllOf)
        groups = [item.items for item in rule.body.items if isinstance(item, AnyOf)]
        excluded = [term for no in rule.none for term in _flat(no, source.concepts)]
        told = {one.message for one in found if one.rule == rule.id}
        assert {one.split("`")[1] for one in told if "adds nothing" in one or "twice" in one} == {
            text
            for items in groups + [no.items for no in rule.none if isinstance(no, AnyOf)]
            for text in _idle(items, source.concepts)
        }
        killed = [_killed(AnyOf(items), excluded, source.concepts) for items in groups]
        assert {one.split("`")[5] for one in told if "drops every article" in one} == {
            term.text for wanted, gone in killed if len(gone) < len(wanted) for term in gone
        }
        assert any("both required" in one for one in told) == any(len(gone) == len(wanted) for wanted, gone in killed)


@given(_sources())
def test_a_rule_is_warned_of_the_same_alone_and_among_others(source: RuleSource) -> None:
    together = [one for one in lint(source) if one.rule]

    alone = [one for rule in source.rules for one in lint(RuleSource(1, (rule,), source.concepts)) if one.rule]

    assert together == alone


def _flat(node: Node, concepts: Mapping[str, Concept]) -> list[Term]:
    match node:
        case Term():
            return [node]
        case ConceptRef():
            return [term for item in concepts[node.name].terms for term in _flat(item, concepts)]
        case AnyOf():
            return [term for item in node.items for term in _flat(item, concepts)]
        case _:
            raise AssertionError(node)


def _idle(items: Sequence[Node], concepts: Mapping[str, Concept]) -> set[str]:
    """Return the texts of the terms in a list that add nothing to it."""
    written = [item for item in items if isinstance(item, Term)]
    twice = {term.text for at, term in enumerate(written) if term in written[:at]}
    named = [term for item in items if isinstance(item, ConceptRef) for term in _flat(item, concepts)]
    idle = {
        term.text
        for at, term in enumerate(written)
        if any(covers(other, term) for other in named)
        or any(
            covers(other, term) and other != term and not (later > at and same_words(term, other))
            for later, other in enumerate(written)
        )
    }
    return twice | idle


def _killed(group: Node, excluded: Sequence[Term], concepts: Mapping[str, Concept]) -> tuple[set[Term], set[Term]]:
    """Return the terms of a group, and those of them that an excluded one covers."""
    wanted = set(_flat(group, concepts))
    return wanted, {term for term in wanted if any(covers(no, term) for no in excluded)}
