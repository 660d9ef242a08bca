"""Linting: rules that are well formed but hardly what their author meant.

Each warning has a code, and a rule may list codes that it does not want to hear of (`quiet_lint`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import prod

import regex

from watcher.core.matching.covers import Covering, same_words
from watcher.core.matching.lint_terms import Remark, Shares, homonym, is_everywhere, remarks, share_of, usual_share
from watcher.core.matching.nodes import below, nodes_of, terms_below
from watcher.core.model.ids import RuleId
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    FirstSeen,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    RuleSource,
    Sentence,
    Term,
    TitleOrLead,
)

CODES = {
    "never": "a rule or a term that can never match",
    "subsumed": "a term that another term of its list already finds",
    "not-kills": "a term of `none` that stands inside a term that is wanted",
    "floods": "a rule or a term that matches very many articles",
    "ambiguous": "an acronym that is also a word, a country that is also something else",
    "folding": "a term that also finds another word, with marks",
    "regex-only": "a rule with nothing but regular expressions",
    "mixed-script": "a word of Latin and Cyrillic letters",
}
"""What a warning can be about; keys are what `quiet_lint` lists."""

_NO_RULE = RuleId("")
_FLOOD = 0.05
"""A rule expected on so large a share of all articles is hardly meant."""

# Languages that are not written in Latin letters.
_SCRIPTS = {
    "ru": r"\p{Cyrillic}", "uk": r"\p{Cyrillic}", "be": r"\p{Cyrillic}", "bg": r"\p{Cyrillic}", "mk": r"\p{Cyrillic}",
    "ko": r"[\p{Hangul}\p{Han}]", "ja": r"[\p{Hiragana}\p{Katakana}\p{Han}]", "zh": r"\p{Han}", "ar": r"\p{Arabic}",
    "fa": r"\p{Arabic}", "he": r"\p{Hebrew}", "el": r"\p{Greek}", "ka": r"\p{Georgian}", "hy": r"\p{Armenian}",
    "hi": r"\p{Devanagari}", "bn": r"\p{Bengali}", "ta": r"\p{Tamil}", "th": r"\p{Thai}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LintWarning:
    """One thing to look at: where it stands, what is odd, and what to write instead; `rule` is "" for a concept."""

    place: Place
    message: str
    hint: str = ""
    rule: RuleId = RuleId("")
    code: str = ""


def lint(source: RuleSource, shares: Shares = usual_share) -> tuple[LintWarning, ...]:
    """Return what is odd in rules and in the concepts that they use, in the order of the rules, concepts last.

    Concepts must exist and not name themselves (compile_rules says so). `shares` says how frequent words are. A warning about a concept
    is left out when every rule that uses it is quiet about its code.
    """
    found: list[LintWarning] = []
    users: dict[str, list[Rule]] = {}
    for rule in source.rules:
        found += [one for one in _rule(rule, source.concepts, shares) if one.code not in rule.quiet_lint]
        for name in {ref for node in nodes_of(rule) for ref in _refs(node, source.concepts)}:
            users.setdefault(name, []).append(rule)
    for name, rules in sorted(users.items(), key=lambda item: source.concepts[item[0]].place):
        concept = source.concepts[name]
        quiet = frozenset(rules[0].quiet_lint).intersection(*(rule.quiet_lint for rule in rules))
        found += [one for one in _concept(concept, source.concepts, shares) if one.code not in quiet]
    return tuple(dict.fromkeys(found))


def _rule(rule: Rule, concepts: Mapping[str, Concept], shares: Shares) -> Iterator[LintWarning]:
    if rule.trend is not None and not isinstance(rule.trend, FirstSeen):
        return  # it looks at counts, and has no term
    for term, remark in (*_whole(rule, concepts, shares), *_groups(rule, concepts)):
        yield _warning(remark, term, rule.place, rule.id)
    for node in nodes_of(rule):
        yield from _lists(node, concepts, rule.place, rule.id)
        for term in terms_below(node):
            for remark in remarks(term, shares, excludes=any(node is no for no in rule.none)):
                yield _warning(remark, term, rule.place, rule.id)


def _concept(concept: Concept, concepts: Mapping[str, Concept], shares: Shares) -> Iterator[LintWarning]:
    """Yield what is odd about the terms written in a concept; those that it takes from the library have no place of their own."""
    for node in concept.terms:
        for term in terms_below(node):
            if term.place != NOWHERE or concept.place == NOWHERE:
                for remark in remarks(term, shares):
                    yield _warning(remark, term, concept.place)
    for term, remark in _subsumed(concept.terms, concepts):
        if term.place != NOWHERE or concept.place == NOWHERE:
            yield _warning(remark, term, concept.place)


def _warning(remark: Remark, term: Term | None, place: Place, rule: RuleId = _NO_RULE) -> LintWarning:
    at = term.place if term is not None and term.place != NOWHERE else place
    return LintWarning(at, remark.message, remark.hint, rule, remark.code)


def _whole(rule: Rule, concepts: Mapping[str, Concept], shares: Shares) -> Iterator[tuple[Term | None, Remark]]:
    """Yield what is odd about a rule as a whole."""
    wanted = list(_wanted(rule.body, concepts))
    if not wanted:
        message = f"rule `{rule.name}` can never match: it has no term that must occur"
        yield None, Remark("never", message, "add a term under `all` or `any`")
        return
    if all(term.regex for term in wanted):
        message = f"rule `{rule.name}` has only regular expressions, which are tried on every article"
        yield None, Remark("regex-only", message, "add a group of words that must occur as well")
    if not any(True for _ in _refs(rule.body, concepts)):  # of concepts it is told which languages they lack
        yield from _unwritten(rule, wanted)
    groups = list(_required(rule.body))
    share = prod(min(1.0, _share(group, concepts, shares)) for group in groups)
    if share >= _FLOOD and not any(is_everywhere(term, shares) for term in wanted):
        message = f"rule `{rule.name}` matches about {share:.0%} of all articles"
        yield None, Remark("floods", message, "add a group that must occur as well, or write rarer words")
    if len(groups) == 1 and rule.where.tags is None:
        masked = {word for term in rule.excepts for word in term.text.casefold().split()}
        for term in terms_below(rule.body):
            remark = homonym(term)
            if remark is not None and term.text.casefold() not in masked:
                yield term, remark


def _unwritten(rule: Rule, wanted: Sequence[Term]) -> Iterator[tuple[None, Remark]]:
    """Yield the languages that the rule asks for and in whose letters it has no term."""
    languages = rule.where.lang
    if languages is None or languages.negated:
        return
    text = " ".join(term.text for term in wanted)
    for language in languages.values:
        script = _SCRIPTS.get(language, r"\p{Latin}")
        if regex.search(script, text) is None:
            hint = f"add terms in that language, or take `{language}` out of `lang`"
            message = f"rule `{rule.name}` asks for articles in {language}, but no term is written in its letters"
            yield None, Remark("never", message, hint)


def _groups(rule: Rule, concepts: Mapping[str, Concept]) -> Iterator[tuple[Term | None, Remark]]:
    """Yield the groups that `none` or a narrow operator keeps from ever holding."""
    excluded = Covering(term for node in rule.none for term in _any_of(node, concepts) or ())
    for node in _required(rule.body):
        wanted = _any_of(node, concepts)
        if wanted == []:
            message = f"rule `{rule.name}` can never match: a group is empty"
            yield None, Remark("never", message, "write terms in it, or remove it")
        if not wanted:
            continue
        killed = [(term, no) for term in wanted for no in islice(excluded.of(term), 1)]
        gone = {term for term, _ in killed}
        if len(gone) == len(set(wanted)):
            message = f"rule `{rule.name}` can never match: `{wanted[0].text}` is both required and excluded"
            yield wanted[0], Remark("never", message, "`none` drops the article; `except` only ignores these words")
            continue
        for term, no in killed:
            message = f"`{no.text}` under `none` drops every article with `{term.text}`, which is wanted"
            yield (
                no,
                Remark(
                    "not-kills", message, "take one of them out, or write it under `except`, which only ignores words"
                ),
            )
    for near in _nears(rule.body):
        if near.distance < len(near.items) - 1:
            message = f"{len(near.items)} words never stand within {near.distance}"
            yield next(terms_below(near), None), Remark("never", message, f"write at least {len(near.items) - 1}")


def _lists(node: Node, concepts: Mapping[str, Concept], place: Place, rule: RuleId) -> Iterator[LintWarning]:
    """Yield the terms that another term of the same list already finds."""
    if isinstance(node, AnyOf):
        for term, remark in _subsumed(node.items, concepts):
            yield _warning(remark, term, place, rule)
    for item in below(node):
        yield from _lists(item, concepts, place, rule)


def _subsumed(items: Sequence[Node], concepts: Mapping[str, Concept]) -> Iterator[tuple[Term, Remark]]:
    """Yield the terms written in a list that another term of it, or of a concept in it, finds as well."""
    written = [item for item in items if isinstance(item, Term)]
    by_concept = {
        term: item.name for item in items if isinstance(item, ConceptRef) for term in _any_of(item, concepts) or ()
    }
    first: dict[Term, Term] = {}
    for term in written:
        plain = replace(term, place=NOWHERE)
        if plain in first:
            yield term, Remark("subsumed", f"`{term.text}` stands twice in one list", "remove one")
        first.setdefault(plain, term)
    order = {id(term): position for position, term in enumerate(first.values())}
    covering = Covering([*first.values(), *by_concept])
    for term in first.values():
        for wide in covering.of(term):
            # Of two that find the same the first stays.
            is_later = order.get(id(wide), -1) > order[id(term)] and same_words(term, wide)
            if wide is not term and not is_later:
                origin = f", which `${by_concept[wide]}` holds," if wide in by_concept else ""
                message = f"`{term.text}` adds nothing: `{wide.text}`{origin} finds it already"
                yield term, Remark("subsumed", message, "remove it")
                break


def _share(node: Node, concepts: Mapping[str, Concept], shares: Shares) -> float:
    """Return the share of articles in which a required node is expected to hold, at least."""
    return sum(share_of(term, shares) for term in _any_of(node, concepts) or ())


def _nears(node: Node) -> Iterator[Near]:
    if isinstance(node, Near):
        yield node
    for item in below(node):
        yield from _nears(item)


def _required(body: Node) -> Iterator[Node]:
    """Yield the nodes that must all hold."""
    if isinstance(body, AllOf | Sentence | Paragraph | TitleOrLead | First | Near):
        for item in body.items:
            yield from _required(item)
    elif isinstance(body, AtLeast):
        yield from _required(body.item)
    else:
        yield body


def _any_of(node: Node, concepts: Mapping[str, Concept]) -> list[Term] | None:
    """Return the terms any of which makes a node hold; None when that is not the whole story."""
    match node:
        case Term():
            return [node]
        case ConceptRef():
            if node.field is not None or node.lead:
                return None
            return _any_of(AnyOf(concepts[node.name].terms), concepts)
        case AnyOf():
            found: list[Term] = []
            for item in node.items:
                terms = _any_of(item, concepts)
                if terms is None:
                    return None
                found += terms
            return found
        case _:
            return None


def _wanted(node: Node, concepts: Mapping[str, Concept]) -> Iterator[Term]:
    """Yield the terms that can make a node hold, those of concepts among them."""
    match node:
        case Term():
            yield node
        case Not():
            return
        case _:
            for item in concepts[node.name].terms if isinstance(node, ConceptRef) else below(node):
                yield from _wanted(item, concepts)


def _refs(node: Node, concepts: Mapping[str, Concept]) -> Iterator[str]:
    """Yield the names of the concepts that a node uses, theirs included."""
    if isinstance(node, ConceptRef):
        yield node.name
        for item in concepts[node.name].terms:
            yield from _refs(item, concepts)
    for item in below(node):
        yield from _refs(item, concepts)
