"""Reads the conditions of rules and the terms of concepts from the tree into core nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from watcher.core.language.query import MOST_NEAR
from watcher.core.language.query_print import is_one_thing
from watcher.core.language.query_words import looks_like_query
from watcher.core.language.terms import make_term, odd_sign, parse_term
from watcher.core.language.tree import AUTO
from watcher.core.model.article import Field
from watcher.core.model.place import Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Sentence,
    Term,
    TitleOrLead,
)
from watcher.errors import TermError
from watcher.lexicon import dictionaries
from watcher.lexicon.extras import MORPH, lemmatiser
from watcher.settings.issues import Issues
from watcher.settings.models import unknown_key
from watcher.settings.phrases import short
from watcher.settings.yaml_errors import quoted
from watcher.settings.yaml_text import OTHER_COMMAS, ListNode, MapNode, ScalarNode, YamlNode

SCOPES: Mapping[str, Field | None] = {**{field.value: field for field in Field}, "lead": None}
_TERM_KEYS = ("term", "case", "exact", "stem", "in")
_GROUPS: Mapping[str, Callable[[tuple[Node, ...]], Node]] = {
    "all": AllOf,
    "sentence": Sentence,
    "paragraph": Paragraph,
    "title_or_lead": TitleOrLead,
}
_COUNTED = ("near", "onear", "atleast", "first")
OPERATORS = (*_GROUPS, "any", "none", *_COUNTED)
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
# Quotes of word processors and phones, which YAML does not know; the closing single one is an apostrophe too. «» are
# typed on purpose.
_OPENING_QUOTES, _CLOSING_QUOTES, _CURLY_APOSTROPHE = "“„‟‘‚‛", "”", "’"
_MAX_COUNT = 100_000
_NOTHING = AnyOf(())  # an empty list: kept, so that leaving it empty never makes a rule wider


@dataclass(frozen=True, slots=True)
class Scope:
    """Which concepts a condition may name: `here` by `$name`; `elsewhere` says what to `use` for the others.

    `own` is the concept being defined: its own name may stand in it as a plain word.
    """

    here: Collection[str] = frozenset()
    elsewhere: Mapping[str, str] | None = None
    own: str = ""


class ConditionReader:
    """Reads conditions within one scope; a mistake is noted and the part left out."""

    def __init__(self, issues: Issues, scope: Scope) -> None:
        self._issues = issues
        self._scope = scope

    def items(self, node: YamlNode, key: str) -> tuple[Node, ...]:
        """Return the items of a list of conditions; a single one stands for a list of one."""
        if isinstance(node, ListNode):
            if not node.items:
                self._issues.warn(
                    node,
                    f"`{key}` is an empty list, which never holds",
                    hint="write at least one term, or delete the key",
                )
            return tuple(found for item in node.items if (found := self.one(item)) is not None)
        comma = OTHER_COMMAS.search(node.text) if isinstance(node, ScalarNode) and node.plain else None
        if comma and isinstance(node, ScalarNode):
            # In a list the YAML reader says it; here a list was meant but its brackets were not written.
            self._issues.error(
                node, f"`{comma.group()}` does not part terms", hint=f"write [a, b], or {quoted(node.text)}"
            )
            return ()
        if isinstance(node, ScalarNode) and node.plain and ", " in node.text:
            self._issues.warn(
                node,
                f"`{short(node.text)}` is one term, its comma included",
                hint=f"for several terms write [{node.text}]",
            )
        found = self.one(node)
        return () if found is None else (found,)

    def one(self, node: YamlNode) -> Node | None:
        """Return one condition: a term, a list (any of them), or a mapping; None when it is wrong."""
        match node:
            case ScalarNode():
                return self._term(node)
            case ListNode():
                items = self.items(node, "list")
                return _NOTHING if not node.items else _only(AnyOf, items) if items else None
            case MapNode():
                return self._mapping(node)

    def operator(self, key: str, node: YamlNode) -> Node | None:
        """Return the condition of one operator key (`all`, `near`, ...); None when it is wrong or empty."""
        if key in _COUNTED:
            return self._counted(key, node)
        items = self.items(node, key)
        if not items:
            return _NOTHING if key == "any" and isinstance(node, ListNode) and not node.items else None
        if key == "any":
            if len(items) > 1 and any(isinstance(item, Not) for item in items):
                self._issues.warn(
                    node,
                    "`none` within `any` holds for nearly every article",
                    hint="write `none` beside `any`, not in it",
                )
            return _only(AnyOf, items)
        if key == "none":
            return Not(_only(AnyOf, items))
        if key == "sentence" and len(items) == 1:
            self._issues.warn(
                node, "one condition alone is always in one sentence", hint="write two or more: `sentence: [a, b]`"
            )
        return _GROUPS[key](items)

    def terms(self, node: YamlNode, key: str) -> tuple[Term | ConceptRef, ...]:
        """Return the terms and concepts of a plain list; anything else in it is a mistake."""
        found: list[Term | ConceptRef] = []
        for item in self.items(node, key):
            if isinstance(item, AnyOf) and all(isinstance(each, Term | ConceptRef) for each in item.items):
                found += [each for each in item.items if isinstance(each, Term | ConceptRef)]
            elif isinstance(item, Term | ConceptRef):
                found.append(item)
            else:
                self._issues.error(node, f"`{key}` takes terms only", hint="operators stand in `all`, `any` or `none`")
        return tuple(found)

    def weak_terms(self, node: YamlNode, key: str) -> tuple[Term, ...]:
        """Return the weak terms of a list, each the form of a word: an item is one word, a list in it its forms."""
        found: list[Term] = []
        for item in node.items if isinstance(node, ListNode) else (node,):
            terms = self.terms(item, key)
            forms = [term for term in terms if isinstance(term, Term)]
            if len(forms) < len(terms):
                hint = "a concept counts where its own words do; write the words themselves"
                self._issues.error(item, f"`{key}` takes words, not concepts", hint=hint)
            found += [replace(term, weak=forms[0].text) for term in forms]
        return tuple(found)

    def _term(self, node: ScalarNode, scope_prefix: str = "") -> Term | ConceptRef | None:
        if not node.text.strip():
            hint = "a term that begins with `#` needs quotes" if node.plain else "write a word, or take it out"
            self._issues.error(node, "an empty term", hint=hint)
            return None
        if node.plain and (node.text[0] in _OPENING_QUOTES or node.text[-1] in _CLOSING_QUOTES):
            self._issues.error(
                node,
                f"`{short(node.text)}`: curly quotes are part of the term, as signs that the article must have",
                hint=f"write {quoted(node.text.strip(_OPENING_QUOTES + _CLOSING_QUOTES + _CURLY_APOSTROPHE))}",
            )
            return None
        if "${" in node.text:
            self._issues.error(node, f"`{short(node.text)}`: a secret cannot stand here", hint="`$$` is a dollar sign")
            return None
        self._warn_of_form(node)
        if not scope_prefix and node.text in self._scope.here and node.text != self._scope.own:
            self._issues.error(
                node,
                f"`{node.text}` is the name of a concept",
                hint=f"write `${node.text}` for the concept, or `{{term: {node.text}}}` for the word",
            )
            return None
        return self._parsed(node, scope_prefix)

    def _warn_of_form(self, node: ScalarNode) -> None:
        """Note a term that is hardly what was meant: several in one, a query, the notation of another program."""
        if node.plain and node.end - node.start > node.length:
            self._issues.warn(
                node,
                f"`{short(node.text)}` is one term, written over several lines",
                hint="begin each item of a list with `- `, or part items in brackets by `,`; one phrase stands in quotes",
            )
        elif looks_like_query(node.text):
            self._issues.warn(
                node,
                f"`{short(node.text)}` is one phrase: in a list, operators are words",
                hint="write `query:` at the rule, or lists under `all`, `any` and `none`",
            )
        else:
            self._warn_of_signs(node)

    def _warn_of_signs(self, node: ScalarNode) -> None:
        odd = odd_sign(node.text)
        if odd is not None:
            place, length = self._issues.positions(node).part(odd.offset, odd.length)
            self._issues.warn(place, odd.message, hint=odd.hint, length=length)

    def _parsed(self, node: ScalarNode, scope_prefix: str = "", *, literal: bool = False) -> Term | ConceptRef | None:
        try:
            if literal:
                term: Term | ConceptRef = make_term(node.text.replace("$$", "$", 1), place=node.place)
            else:
                term = parse_term(scope_prefix + node.text, node.place)
        except TermError as error:
            offset = max(0, error.offset - len(scope_prefix))
            place, length = self._issues.positions(node).part(offset, error.length)
            self._issues.error(place, str(error), hint=error.hint, length=length)
            return None
        if isinstance(term, ConceptRef):
            return term if self.known(term.name, node.place, node.length) else None
        return term

    @property
    def concepts(self) -> Collection[str]:
        """The names of the concepts that may be named here."""
        return self._scope.here

    def known(self, name: str, place: Place, length: int) -> bool:
        """Say whether a concept may be named here; note a mistake at `place` when not."""
        if name in self._scope.here:
            return True
        elsewhere = self._scope.elsewhere or {}
        last = name.rsplit("/", 1)[-1]
        if last in self._scope.here:
            hint = f"write `${last}`"
        elif last in elsewhere:
            hint = f"add `use: [{elsewhere[last]}]` to the rule"
        else:
            hint = self._issues.did_you_mean(last, chain(self._scope.here, elsewhere), prefix="$")
            if not hint and name[:1].isdigit():
                hint = f"for an amount write `$${name}`: two signs are a dollar sign"
        self._issues.error(place, f"there is no concept `{short(name)}` here", hint=hint, length=length)
        return False

    def _mapping(self, node: MapNode) -> Node | None:
        if node.get("term") is not None:
            return self._long_term(node)
        if not node.pairs:
            self._issues.error(node, "an empty mapping", hint="write a term or a condition")
            return None
        if len(node.pairs) == 1 and node.pairs[0][0].text in SCOPES:
            return self._scoped(*node.pairs[0])
        found: list[Node] = []
        for key, value in node.pairs:
            if key.text in OPERATORS:
                inner = self.operator(key.text, value)
                if inner is not None:
                    found.append(inner)
            elif key.text in SCOPES:
                hint = f"write `{{{key.text}: [...]}}` as an item of its own"
                self._issues.error(key, f"`{key.text}:` must stand alone in its mapping", hint=hint)
                break
            else:
                self._unknown(key, value)
        return _only(AllOf, tuple(found)) if found else None

    def _unknown(self, key: ScalarNode, value: YamlNode) -> None:
        if key.text == "except":
            self._issues.error(
                key, "`except` stands at the rule, not inside a condition", hint="move it up to the rule"
            )
        elif isinstance(value, ScalarNode) and not _looks_like_key(key.text):
            text = f"{key.text}: {value.text}".rstrip()
            self._issues.error(
                key,
                f"`{short(key.text)}` is not a condition",
                hint=f"a term that holds `: ` needs quotes: {quoted(text)}",
            )
        else:
            unknown_key(self._issues, key, "condition", "a condition", (*OPERATORS, *SCOPES, "term"))

    def _scoped(self, key: ScalarNode, value: YamlNode) -> Node | None:
        nodes = value.items if isinstance(value, ListNode) else (value,)
        if not nodes:
            self._issues.error(value, f"`{key.text}` is an empty list")
        found: list[Node] = []
        for node in nodes:
            term: Term | ConceptRef | None
            if isinstance(node, ScalarNode):
                term = self._term(node, f"{key.text}:")
            elif isinstance(node, MapNode) and node.get("term") is not None:
                term = self._in_scope(self._long_term(node), key.text)
            else:
                self._issues.error(node, f"`{key.text}` takes terms only", hint=f"write `{{{key.text}: [a, b]}}`")
                continue
            if term is not None:
                found.append(term)
        return _only(AnyOf, tuple(found)) if found else None

    def _in_scope(self, term: Term | None, scope: str) -> Term | None:
        if term is None:
            return None
        return replace(term, lead=True) if scope == "lead" else replace(term, field=SCOPES[scope])

    def _long_term(self, node: MapNode) -> Term | None:
        text = node.get("term")
        known = True
        for key, _ in node.pairs:
            if key.text not in _TERM_KEYS:
                unknown_key(self._issues, key, "term", "a term", _TERM_KEYS)
                known = False
        if not isinstance(text, ScalarNode) or not text.text.strip():
            self._issues.error(text or node, "`term` takes one text", hint="for several terms write a list of them")
            return None
        if text.text.startswith("$") and not text.text.startswith("$$"):
            self._issues.error(
                text,
                "`term` is a word, not a concept",
                hint=f"write `{text.text}` alone, or `$${text.text[1:]}` for the sign",
            )
            return None
        parsed = self._parsed(text, literal=True)
        options = {key: self._flag(node, key) for key in ("case", "exact")}
        stem, scope = self._stem(node), self._in(node)
        if not isinstance(parsed, Term) or not known:
            return None
        term = replace(parsed, case=parsed.case or options["case"], exact=parsed.exact or options["exact"])
        term = replace(term, stem=stem if stem is not None else term.stem)
        return self._in_scope(term, scope) if scope else term

    def _flag(self, node: MapNode, key: str) -> bool:
        value = node.get(key)
        if value is None:
            return False
        word = value.text.lower() if isinstance(value, ScalarNode) else ""
        if word not in _FLAGS:
            self._issues.error(value, f"`{key}` is true or false")
            return False
        return _FLAGS[word]

    def _stem(self, node: MapNode) -> str | None:
        value = node.get("stem")
        if value is None:
            return None
        stem = stem_word(value.text) if isinstance(value, ScalarNode) else None
        if stem is None:
            self._issues.error(value, "`stem` is true, false or a language", hint="write `stem: en`")
        elif stem:
            warn_of_stem(self._issues, value, stem)
        return stem

    def _in(self, node: MapNode) -> str:
        value = node.get("in")
        if value is None:
            return ""
        if not isinstance(value, ScalarNode):
            hint = (
                "write `in: title`; `title_or_lead: [a]` takes both, and `{any: [title:a, summary:a]}` any of several"
            )
            self._issues.error(value, "`in` takes one part of an article", hint=hint)
            return ""
        scope = value.text
        if scope not in SCOPES:
            self._issues.error(
                value,
                f"`{short(scope)}` is not a part of an article",
                hint=self._issues.did_you_mean(scope, SCOPES) or "one of: " + ", ".join(SCOPES),
            )
            return ""
        return scope

    def _counted(self, key: str, node: YamlNode) -> Node | None:
        shape = {"near": "[a, b, 5]", "onear": "[a, b, 5]", "atleast": "[a, 3]", "first": "[a, 50]"}[key]
        if not isinstance(node, ListNode) or len(node.items) < 2:
            self._issues.error(
                node, f"`{key}` takes a list that ends with a number", hint=f"write `{{{key}: {shape}}}`"
            )
            return None
        *parts, last = node.items
        count = _count(last)
        if count is None:
            self._issues.error(
                last, f"the last item of `{key}` is a number from 1 to {_MAX_COUNT}", hint=f"write `{{{key}: {shape}}}`"
            )
        items = tuple(found for part in parts if (found := self.one(part)) is not None)
        if count is None or len(items) < len(parts):
            return None
        if key == "first":
            return First(items, count)
        if key == "atleast":
            return self._at_least(items, count, node, last)
        return Near(items, count, ordered=key == "onear") if self._may_be_near(key, items, node, shape) else None

    def _at_least(self, items: tuple[Node, ...], count: int, node: YamlNode, last: YamlNode) -> Node | None:
        if len(items) > 1:
            hint = "write `{atleast: [[a, b], 3]}` to count any of several"
            self._issues.error(node, "`atleast` counts one condition", hint=hint)
            return None
        if count == 1:
            self._issues.warn(last, "`atleast` 1 says no more than the condition alone", hint="write 2 or more")
        return AtLeast(items[0], count)

    def _may_be_near(self, key: str, items: tuple[Node, ...], node: ListNode, shape: str) -> bool:
        if len(items) < 2:
            self._issues.error(
                node, f"`{key}` needs two conditions or more before its number", hint=f"write `{{{key}: {shape}}}`"
            )
            return False
        if len(items) > MOST_NEAR:
            hint = "ask for one `paragraph`, or write alternatives as lists"
            self._issues.error(node, f"`{key}` takes at most {MOST_NEAR} conditions", hint=hint)
            return False
        for part, item in zip(node.items, items, strict=False):
            if not is_one_thing(item):
                hint = "join whole conditions with `all`, or ask for one `sentence`"
                self._issues.error(part, f"`{key}` takes terms, concepts and lists of them", hint=hint)
                return False
        return True


def stem_word(text: str) -> str | None:
    """Return how `stem:` is kept: "auto", a language, "" for off; None when it is none of these."""
    if text.lower() in _FLAGS:
        return "auto" if _FLAGS[text.lower()] else ""
    return text if re.fullmatch(r"[a-z]{2,3}", text) else None


def warn_of_stem(issues: Issues, at: YamlNode, stem: str, *, has_morphology: bool | None = None) -> None:
    """Note that `stem` does nothing where no morphology is installed; None = look. Of a language without a dictionary
    lint speaks.
    """
    if has_morphology is None:
        has_morphology = lemmatiser() is not None
    if not has_morphology and (stem == AUTO or dictionaries.has(stem)):
        hint = f"install it with: pip install '{MORPH}'; or write `word*`, or list the forms"
        issues.warn(at, "`stem` needs the extra `morph`: without it words are found as written", hint=hint)


def _count(node: YamlNode) -> int | None:
    if not isinstance(node, ScalarNode) or not re.fullmatch(r"[0-9]{1,6}", node.text):
        return None
    number = int(node.text)
    return number if 1 <= number <= _MAX_COUNT else None


def _only(group: type[AllOf] | type[AnyOf], items: tuple[Node, ...]) -> Node:
    return items[0] if len(items) == 1 else group(items)


def _looks_like_key(text: str) -> bool:
    return re.fullmatch(r"[a-z_]+", text) is not None
