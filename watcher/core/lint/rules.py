"""Linting: rules that are well formed but hardly what their author meant.

Each warning has a code, and a rule may list codes that it does not want to hear of (`quiet_lint`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import regex

from watcher.core.articles.common_words import usual_share
from watcher.core.language.tree import below, nodes_of, terms_below
from watcher.core.lint.covers import Covering, same_words
from watcher.core.lint.operators import operator_remarks
from watcher.core.lint.term_lists import ConceptFacts, TermList, TermLists, wanted
from watcher.core.lint.terms import Remark, Shares, homonym, is_everywhere, remarks, stem_remarks
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
    "not-kills": "a term of `none` that stands inside a term that is wanted, or that drops very much",
    "idle": "a number so large that its operator asks no more than `all`",
    "floods": "a rule or a term that matches very many articles",
    "ambiguous": "an acronym that is also a word, a country that is also something else",
    "folding": "a term that also finds another word, with marks",
    "regex-only": "a rule with nothing but regular expressions",
    "mixed-script": "a word of Latin and Cyrillic letters",
    "prefix": "an Arabic or Hebrew term that is not found behind a word written onto it",
    "stem": "a term whose other forms no dictionary knows",
    "unseen": "a rule that matches no stored article, a term that stands in none",
    "alone": "a group that the same term alone met in every stored article that the rule matched",
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
    """One thing to look at: where it stands, what is odd, and what to write instead; `rule` is "" for a concept.
    `is_wrong`: nobody can have meant it.
    """

    place: Place
    message: str
    hint: str = ""
    rule: RuleId = RuleId("")
    code: str = ""
    is_wrong: bool = False


def lint(
    source: RuleSource,
    shares: Shares = usual_share,
    has_dictionary: Callable[[str], bool] = lambda language: True,
    *,
    placed_only: bool = False,
) -> tuple[LintWarning, ...]:
    """Return what is odd in rules and in the concepts that they use, in the order of the rules, concepts last.

    Concepts must exist and not name themselves (compile_rules says so). `shares` says how frequent words are,
    `has_dictionary` for which languages `stem` can find forms. A warning about a concept is left out when every rule
    that uses it is quiet about its code. With `placed_only` a concept without a place is not looked at: it ships with
    the program, nobody could edit it, and its thousands of terms take most of the time.
    """
    term_lists = TermLists(source.concepts, shares)
    found: list[LintWarning] = []
    users: dict[str, list[Rule]] = {}
    for rule in source.rules:
        found += [one for one in _rule(rule, term_lists, shares, has_dictionary) if one.code not in rule.quiet_lint]
        for name in frozenset[str]().union(*map(term_lists.concepts_below, nodes_of(rule))):
            users.setdefault(name, []).append(rule)
    for name, rules in sorted(users.items(), key=lambda item: source.concepts[item[0]].place):
        concept = source.concepts[name]
        if placed_only and concept.place == NOWHERE:
            continue
        quiet = frozenset(rules[0].quiet_lint).intersection(*(rule.quiet_lint for rule in rules))
        found += [one for one in _concept(concept, term_lists, shares, has_dictionary) if one.code not in quiet]
    return tuple(dict.fromkeys(found))


def _rule(
    rule: Rule, term_lists: TermLists, shares: Shares, has_dictionary: Callable[[str], bool]
) -> Iterator[LintWarning]:
    if rule.trend is not None and not isinstance(rule.trend, FirstSeen):
        return  # it looks at counts, and has no term
    for term, remark in (
        *_whole(rule, term_lists, shares),
        *_conditions(rule, term_lists),
        *_stems(rule, has_dictionary),
    ):
        yield _warning(remark, term, rule.place, rule.id)
    for node in nodes_of(rule):
        is_excluded = any(node is no for no in rule.none)
        yield from _lists(node, term_lists, rule.place, rule.id)
        for term, remark in operator_remarks(node):
            yield _warning(remark, term, rule.place, rule.id)
        for term in terms_below(node):
            for remark in remarks(term, shares, excludes=is_excluded):
                yield _warning(remark, term, rule.place, rule.id)


def _concept(
    concept: Concept, term_lists: TermLists, shares: Shares, has_dictionary: Callable[[str], bool]
) -> Iterator[LintWarning]:
    """Yield what is odd about the terms written in a concept; those that it takes from the library have no place of
    their own.
    """
    if concept.rows:
        return  # the names of a list are said to be odd where its rows are read
    for node in concept.terms:
        for term in terms_below(node):
            if term.place != NOWHERE or concept.place == NOWHERE:
                for remark in (*remarks(term, shares), *stem_remarks(term.stem, None, has_dictionary)):
                    yield _warning(remark, term, concept.place)
        for at, remark in operator_remarks(node):
            if (at is not None and at.place != NOWHERE) or concept.place == NOWHERE:
                yield _warning(remark, at, concept.place)
    for term, remark in _subsumed(concept.terms, term_lists, placed_only=concept.place != NOWHERE):
        yield _warning(remark, term, concept.place)


def _warning(remark: Remark, term: Term | None, place: Place, rule: RuleId = _NO_RULE) -> LintWarning:
    at = term.place if term is not None and term.place != NOWHERE else place
    return LintWarning(at, remark.message, remark.hint, rule, remark.code, remark.is_wrong)


def _whole(rule: Rule, term_lists: TermLists, shares: Shares) -> Iterator[tuple[Term | None, Remark]]:
    """Yield what is odd about a rule as a whole."""
    found = list(wanted(rule.body))
    terms = [item for item in found if isinstance(item, Term)]
    named = [term_lists.of_concept(item.name) for item in found if isinstance(item, ConceptRef)]
    if not terms and not any(concept.wanted for concept in named):
        message = f"rule `{rule.name}` can never match: it has no term that must occur"
        yield None, Remark("never", message, "add a term under `all` or `any`", is_wrong=True)
        return
    if _only_regexes(terms, named):
        message = f"rule `{rule.name}` has only regular expressions, which are tried on every article"
        yield None, Remark("regex-only", message, "add a group of words that must occur as well")
    yield from _unwritten(rule, found, term_lists)
    required = list(_required(rule.body))
    share = prod(min(1.0, term_lists.share(node)) for node in required)
    if share >= _FLOOD and not _is_everywhere(terms, named, shares):
        message = f"rule `{rule.name}` matches about {share:.0%} of all articles"
        yield None, Remark("floods", message, "add a group that must occur as well, or write rarer words")
    if len(required) == 1 and rule.where.tags is None:
        yield from _homonyms(rule)


def _only_regexes(terms: Sequence[Term], named: Sequence[ConceptFacts]) -> bool:
    return all(term.regex for term in terms) and all(concept.only_regexes for concept in named)


def _is_everywhere(terms: Sequence[Term], named: Sequence[ConceptFacts], shares: Shares) -> bool:
    """Say whether one term stands nearly everywhere, which is told of the term itself."""
    return any(is_everywhere(term, shares) for term in terms) or any(one.is_everywhere for one in named)


def _homonyms(rule: Rule) -> Iterator[tuple[Term, Remark]]:
    """Yield the names of a rule that mean something else too, and that no `except` masks."""
    masked = {word for term in rule.excepts for word in term.text.casefold().split()}
    for term in terms_below(rule.body):
        remark = homonym(term)
        if remark is not None and term.text.casefold() not in masked:
            yield term, remark


def _unwritten(rule: Rule, found: Sequence[Term | ConceptRef], term_lists: TermLists) -> Iterator[tuple[None, Remark]]:
    """Yield the languages that the rule asks for and in whose letters it has no term."""
    languages = rule.where.lang
    names = [item.name for item in found if isinstance(item, ConceptRef)]
    if languages is None or languages.negated or any(map(term_lists.is_shipped, names)):
        return  # of concepts of the library it is told which languages they lack
    text = " ".join(item.text for item in found if isinstance(item, Term))
    for language in languages.values:
        script = _SCRIPTS.get(language, r"\p{Latin}")
        if regex.search(script, text) is None and not any(term_lists.is_written_in(name, script) for name in names):
            hint = f"add terms in that language, or take `{language}` out of `lang`"
            message = f"rule `{rule.name}` asks for articles in {language}, but no term is written in its letters"
            yield None, Remark("never", message, hint)


def _stems(rule: Rule, has_dictionary: Callable[[str], bool]) -> Iterator[tuple[Term | None, Remark]]:
    """Yield where `stem` cannot find anything."""
    terms = (term for node in nodes_of(rule) for term in terms_below(node) if term.stem)
    for term, stem in ((None, rule.stem), *((term, term.stem) for term in terms)):
        for remark in stem_remarks(stem, rule.where.lang, has_dictionary):
            yield term, remark


def _conditions(rule: Rule, term_lists: TermLists) -> Iterator[tuple[Term | None, Remark]]:
    """Yield the lists that `none` keeps from ever holding, and empty ones."""
    no = [term_list for node in rule.none if (term_list := term_lists.of(node)) is not None]
    excluded = TermList(
        tuple(term for term_list in no for term in term_list.terms),
        tuple(name for term_list in no for name in term_list.concepts),
    )
    for node in _required(rule.body):
        term_list = term_lists.of(node)
        if term_list is None:
            continue
        if term_lists.is_empty(term_list):
            message = f"rule `{rule.name}` can never match: a group is empty"
            yield None, Remark("never", message, "write terms in it, or remove it", is_wrong=True)
        yield from _masked(rule, term_lists.terms_of(term_list))
        if no:
            yield from _killed(rule, term_list, excluded, term_lists)


def _masked(rule: Rule, terms: Sequence[Term]) -> Iterator[tuple[Term, Remark]]:
    """Yield that the rule's own `except` hides every term of a required list."""
    if terms and set(terms) <= set(rule.excepts):
        message = f"rule `{rule.name}` can never match: `except` hides `{terms[0].text}`, which is required"
        hint = "write the longer words under `except` that only look like it"
        yield terms[0], Remark("never", message, hint, is_wrong=True)


def _killed(
    rule: Rule, term_list: TermList, excluded: TermList, term_lists: TermLists
) -> Iterator[tuple[Term, Remark]]:
    killed: dict[Term, Term] = {}
    for term, no in term_lists.killed(term_list, excluded):
        killed.setdefault(term, no)
    if not killed:
        return
    terms = term_lists.terms_of(term_list)
    if len(killed) == len(set(terms)):
        message = f"rule `{rule.name}` can never match: `{terms[0].text}` is both required and excluded"
        hint = "`none` drops the article; `except` only ignores these words"
        yield terms[0], Remark("never", message, hint, is_wrong=True)
        return
    hint = "take one of them out, or write it under `except`, which only ignores words"
    for term, no in killed.items():
        message = f"`{no.text}` under `none` drops every article with `{term.text}`, which is wanted"
        yield no, Remark("not-kills", message, hint)


def _lists(node: Node, term_lists: TermLists, place: Place, rule: RuleId) -> Iterator[LintWarning]:
    """Yield the terms that another term of the same list already finds."""
    if isinstance(node, AnyOf):
        for term, remark in _subsumed(node.items, term_lists):
            yield _warning(remark, term, place, rule)
    for item in below(node):
        if not isinstance(item, Term):
            yield from _lists(item, term_lists, place, rule)


def _subsumed(
    items: Sequence[Node], term_lists: TermLists, *, placed_only: bool = False
) -> Iterator[tuple[Term, Remark]]:
    """Yield the terms written in a list that another term of it, or of a concept in it, finds as well; with
    `placed_only` no term that a concept took from the library.
    """
    written = [item for item in items if isinstance(item, Term)]
    terms = list(dict.fromkeys(written))
    asked = [term for term in terms if term.place != NOWHERE] if placed_only else terms
    yield from _repeated(written, placed_only=placed_only)
    named = [item.name for item in items if isinstance(item, ConceptRef) and term_lists.of(item) is not None]
    order = {id(term): position for position, term in enumerate(terms)}
    covering = Covering(terms if len(terms) > 1 else ())
    for term in asked:
        wide = next((wide for wide in covering.of(term) if _makes_idle(wide, term, order)), None)
        if wide is not None:
            yield term, _adds_nothing(term, wide, "")
        else:
            yield from _said_by_a_concept(term, named, term_lists)


def _repeated(written: Sequence[Term], *, placed_only: bool) -> Iterator[tuple[Term, Remark]]:
    """Yield the terms that stand in a list before; `placed_only` as in `_subsumed`."""
    seen: set[Term] = set()
    for term in written:
        if term in seen and (term.place != NOWHERE or not placed_only):
            yield term, Remark("subsumed", f"`{term.text}` stands twice in one list", "remove one")
        seen.add(term)


def _makes_idle(wide: Term, term: Term, order: Mapping[int, int]) -> bool:
    """Say whether a term may go because of a wide one that covers it; of two that find the same the first stays."""
    return wide is not term and not (order[id(wide)] > order[id(term)] and same_words(term, wide))


def _said_by_a_concept(term: Term, names: Sequence[str], term_lists: TermLists) -> Iterator[tuple[Term, Remark]]:
    for name in names:
        wide = next(term_lists.of_concept(name).covering.of(term), None)
        if wide is not None:
            yield term, _adds_nothing(term, wide, f", which `${name}` holds,")
            return


def _adds_nothing(term: Term, wide: Term, origin: str) -> Remark:
    return Remark("subsumed", f"`{term.text}` adds nothing: `{wide.text}`{origin} finds it already", "remove it")


def _required(body: Node) -> Iterator[Node]:
    """Yield the nodes that must all hold."""
    if isinstance(body, AllOf | Sentence | Paragraph | TitleOrLead | First | Near):
        for item in body.items:
            yield from _required(item)
    elif isinstance(body, AtLeast):
        yield from _required(body.item)
    else:
        yield body
