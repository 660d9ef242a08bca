"""Turns nodes of the tree into models of `watcher.settings.schema`; every complaint gets its place and its mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watcher.core.model.secret import Secret
from watcher.core.spelling import nearest_word
from watcher.delivery.config import StrictModel
from watcher.settings.issues import Issues, did_you_mean
from watcher.settings.phrases import short
from watcher.settings.schema import Raw
from watcher.settings.secrets import SecretStore
from watcher.settings.words import IDLE, MEANT, NOT_BUILT, WHERE_LISTED
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode, scalars

M = TypeVar("M", bound=StrictModel)
_UNBRACED = re.compile(r"\$[A-Z][A-Z0-9_]{2,100}")
"""The name of a variable as shells take it."""
_SHORTEST_MASKED = 8  # masking a shorter literal (`Accept: */*`) would star out half of every log line


class PlacedText(str):
    """A text that remembers its node, so that the secret resolver knows which one it is asked for."""

    __slots__ = ("node",)

    node: ScalarNode


@dataclass(slots=True)
class Read:
    """What reading one model brought up beside the model itself."""

    missing: list[str] = field(default_factory=list)  # secrets that are not set, in words
    secrets: list[Secret] = field(default_factory=list)


class ModelReader:
    """Reads models; keeps where secrets stand, so that stored texts can leave them out."""

    def __init__(self, issues: Issues, secrets: SecretStore) -> None:
        self._issues = issues
        self._secrets = secrets
        self.literal_secrets: list[ScalarNode] = []
        self.known_secrets: list[Secret] = []

    def read(
        self, node: YamlNode, model: type[M], kind: str, what: str, *, missing_is_empty: bool = False
    ) -> tuple[M | None, Read]:
        """Return the model of a mapping, or None when it has a mistake or a secret that is not set.

        `kind` chooses the tables of hints ("rule", "feed"), `what` names the thing in sentences ("rule asia"). With
        `missing_is_empty` a secret that is not set becomes an empty one and the model is still made.
        """
        read = Read()
        if not isinstance(node, MapNode):
            self._issues.error(node, f"{what} must be a mapping", hint="write `key: value` lines")
            return None, read
        self._refuse_empty(node, _kinds(model))
        asked: set[int] = set()
        # The address of a webhook may be a reference, but written out it is an address like any other.
        resolver = self._resolver(read, asked, missing_is_empty, not_secret=node.get("url"))
        result = None
        try:
            result = model.model_validate(_data(node, model), context={"resolve_secret": resolver})
        except ValidationError as error:
            details = error.errors(include_url=False)
            # A list whose items are wrong, or wait for their secret, is not called too short as well.
            lists = {detail["loc"][:-1] for detail in details if detail["type"] != "too_short"}
            for detail in details:
                if detail["type"] == "secret_missing" or (detail["type"] == "too_short" and detail["loc"] in lists):
                    continue
                if detail["loc"] or not self._refuse_unknown(node, model, kind, what, detail["msg"]):
                    self._explain(detail, node, model, kind, what)
            if details and not details[0]["loc"]:
                asked |= {id(scalar) for scalar in scalars(node)}  # its fields were not looked at
        self._check_references(node, model, asked)
        self._warn_of_idle(node, kind)
        self.known_secrets += read.secrets
        return result, read

    def _resolver(
        self, read: Read, asked: set[int], missing_is_empty: bool, not_secret: YamlNode | None
    ) -> Callable[[str], Secret | None]:
        def resolve(value: str) -> Secret | None:
            node = value.node if isinstance(value, PlacedText) else None
            if node is not None:
                asked.add(id(node))
            secret, missing = self._secrets.find(value)
            if node is not None and _UNBRACED.fullmatch(value):
                self._issues.error(node, f"`{value}` needs braces", hint=f"write ${{{value[1:]}}}")
                secret = None
            if secret is None:
                read.missing.append(missing)
                return Secret("") if missing_is_empty else None
            is_literal = "${" not in value
            is_secret = node is not not_secret or not is_literal
            if is_literal and is_secret and value and node is not None:
                self.literal_secrets.append(node)
            if is_secret and (not is_literal or len(value) >= _SHORTEST_MASKED):
                read.secrets.append(secret)
            return secret

        return resolve

    def _check_references(self, node: MapNode, model: type[StrictModel], asked: set[int]) -> None:
        kinds = _kinds(model)
        raw = {name for name, kind in kinds.items() if kind == "raw"}
        for key, value in node.pairs:
            if key.text in raw or key.text not in kinds:
                continue  # of a key that does not exist something else is said
            for scalar in scalars(value):
                if "${" in scalar.text and id(scalar) not in asked:
                    self.refuse_reference(scalar)

    def _warn_of_idle(self, node: MapNode, kind: str) -> None:
        for key, _ in node.pairs:
            means = IDLE.get(kind, {}).get(key.text)
            if means is not None:
                self._issues.warn(key, f"`{key.text}` does nothing yet", hint=means)

    def _refuse_empty(self, node: YamlNode, kinds: Mapping[str, str | type[BaseModel]]) -> None:
        for key, value in node.pairs if isinstance(node, MapNode) else ():
            if not isinstance(value, ScalarNode):
                if kinds.get(key.text) != "raw":
                    self._refuse_empty(value, {})
            elif value.is_empty and (not kinds or key.text in kinds):
                cut = self._issues.line(key.place)[key.place.column + key.length :].strip().startswith("#")
                hint = "a text that begins with `#` needs quotes" if cut else "write one, or delete the line"
                self._issues.error(key, f"`{short(key.text)}` has no value", hint=hint)
        for item in node.items if isinstance(node, ListNode) else ():
            if isinstance(item, ScalarNode) and item.is_empty:
                hint = "a text that begins with `#` needs quotes" if item.plain else "write one, or take it out"
                self._issues.error(item, "an empty item", hint=hint)

    def refuse_reference(self, scalar: ScalarNode) -> None:
        """Note that a `${` stands where no secret belongs."""
        hint = "only fields that hold a secret take ${NAME}; what is no secret is written as it is"
        self._issues.error(scalar, f"`{short(scalar.text)}`: a secret cannot stand here", hint=hint)

    def _refuse_unknown(self, node: MapNode, model: type[StrictModel], kind: str, what: str, told: str) -> bool:
        """Note keys that do not exist of a model that was refused as a whole, but for those that the refusal names.

        Return whether the slip of a key is all that the refusal is about: `secret` where it asks for `secrets`.
        """
        known = tuple(_kinds(model))
        words = set(re.findall(r"\w+", told))
        slipped = False
        for key, _ in node.pairs:
            if key.text not in known and key.text not in words:
                hint = unknown_key(self._issues, key, kind, what, known)
                slipped |= hint.startswith("did you mean") and bool(words & set(re.findall(r"`(\w+)`", hint)))
        return slipped

    def _explain(self, detail: ErrorDetails, node: MapNode, model: type[StrictModel], kind: str, what: str) -> None:
        where, key = _find(node, detail["loc"])
        name = key.text if key is not None else ""
        if detail["type"] == "extra_forbidden":
            nested = len(detail["loc"]) > 1
            known = _keys_at(model, detail["loc"][:-1])
            unknown_key(self._issues, key or where, "" if nested else kind, what, known)
        elif detail["type"] == "missing":
            self._issues.error(_head(where), f"{what} needs `{detail['loc'][-1]}`")
        elif not (isinstance(where, ScalarNode) and where.is_empty):  # said already
            message, hint = _sentence(detail, where, name)
            at = key if detail["loc"][-1:] == ("[key]",) and key is not None else _word_in(where, detail.get("ctx", {}))
            self._issues.error(at, message, hint=hint)


def unknown_key(issues: Issues, key: YamlNode, kind: str, what: str, known: Sequence[str]) -> str:
    """Note a key that nothing knows: not built yet, meant otherwise, or misspelt. Return the hint that was given."""
    word = key.text if isinstance(key, ScalarNode) else ""
    if word in NOT_BUILT.get(kind, ()):
        issues.error(key, f"`{short(word)}` is not built yet in {what}", hint="remove it")
        return ""
    if word == "<<":
        issues.error(key, "YAML merge keys (`<<`) are not allowed", hint="write the keys out")
        return ""
    if not word:
        issues.error(key, f"a key without a name in {what}", hint="write one, or delete the line")
        return ""
    lowered = word.lower()
    words = MEANT.get(kind, {})
    meant = words.get(lowered) or issues.did_you_mean(word, known)
    if not meant and (near := nearest_word(lowered, words)):
        meant = words[near]  # `chanel` in a rule is a slip of a word from elsewhere
    if not meant:
        meant = f"there is {', '.join(f'`{one}`' for one in known)}" if kind == "file" else WHERE_LISTED.get(kind, "")
    issues.error(key, f"unknown key `{short(word)}` in {what}", hint=meant)
    return meant


def _data(node: YamlNode, model: type[BaseModel] | None) -> Any:  # noqa: ANN401 - the border: pydantic takes anything
    """Return plain data for pydantic; fields marked Raw keep their nodes, a single value stands for a list of one."""
    match node:
        case ScalarNode():
            if node.is_empty:
                return None
            text = PlacedText(node.text)
            text.node = node
            return text
        case ListNode():
            return [_data(item, None) for item in node.items]
        case MapNode():
            kinds = _kinds(model) if model is not None else {}
            data: dict[str, Any] = {}
            for key, value in node.pairs:
                kind = kinds.get(key.text)
                if kind == "raw":
                    data[key.text] = None if isinstance(value, ScalarNode) and value.is_empty else value
                elif kind == "list" and isinstance(value, ScalarNode) and not value.is_empty:
                    data[key.text] = [_data(value, None)]
                else:
                    data[key.text] = _data(value, kind if isinstance(kind, type) else None)
            return data


@cache
def _kinds(model: type[BaseModel]) -> Mapping[str, str | type[BaseModel]]:
    """Say of each key of a model whether it is raw, a list, another model, or a plain value."""
    kinds: dict[str, str | type[BaseModel]] = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        options = [info.annotation, *get_args(info.annotation)]
        inner = next((each for each in options if isinstance(each, type) and issubclass(each, BaseModel)), None)
        if any(isinstance(mark, Raw) for mark in info.metadata):
            kinds[key] = "raw"
        elif get_origin(info.annotation) in {tuple, list, set, frozenset}:
            kinds[key] = "list"
        else:
            kinds[key] = inner or "value"
    return kinds


def _keys_at(model: type[BaseModel], path: Sequence[str | int]) -> Sequence[str]:
    for step in path:
        inner = _kinds(model).get(str(step))
        if not isinstance(inner, type):
            return ()
        model = inner
    return tuple(_kinds(model))


def _find(node: MapNode, path: Sequence[str | int]) -> tuple[YamlNode, ScalarNode | None]:
    """Return the node that a pydantic path leads to, as far as it goes, and the last key on the way."""
    here: YamlNode = node
    key: ScalarNode | None = None
    for step in path:
        if isinstance(here, MapNode):
            inner = here.get(str(step))
            if inner is None:
                return here, key
            key, here = here.key(str(step)), inner
        elif isinstance(here, ListNode) and isinstance(step, int) and step < len(here.items):
            here = here.items[step]
    return here, key


def _word_in(node: YamlNode, context: Mapping[str, Any]) -> YamlNode:
    """Return the text below a node that a complaint names, else the node."""
    word = context.get("word")
    return next((each for each in scalars(node) if each.text == word), node)


def _head(node: YamlNode) -> YamlNode:
    return node.pairs[0][0] if isinstance(node, MapNode) and node.pairs else node


_SENTENCES = (
    (("int_parsing", "int_type", "int_from_float"), ("`{text}` is not a whole number", "")),
    (("float_parsing", "float_type"), ("`{text}` is not a number", "")),
    (("bool_parsing", "bool_type"), ("`{text}` is not yes or no", "write true or false")),
    (("tuple", "list", "set", "frozen_set"), ("`{key}` takes a list", "write [a, b]")),
    (("model", "dict", "mapping", "dataclass"), ("`{key}` takes a mapping", "write `key: value` lines")),
    (("string_type", "text_expected"), ("`{key}` takes a single text", "")),
    (("string_too_short",), ("`{key}` is empty", "")),
    (("too_short",), ("`{key}` needs at least one item", "")),
)
"""How pydantic's kinds of errors begin, and the sentence and the hint for each."""


def _sentence(detail: ErrorDetails, node: YamlNode, key: str) -> tuple[str, str]:
    context: Mapping[str, Any] = detail.get("ctx", {})
    text = short(node.text) if isinstance(node, ScalarNode) else ""
    match detail["type"]:
        case "wrong":
            return str(context["sentence"]), str(context["hint"])
        case "choice":
            return detail["msg"], _one_of(text, [str(choice) for choice in context["choices"]])
        case "literal_error":
            choices = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
            return f"`{text}` is not known as `{key}`", _one_of(text, choices)
        case kind:
            found = next((said for kinds, said in _SENTENCES if kind.startswith(kinds)), None)
    if found is not None:
        sentence, hint = found
        return sentence.format(text=text, key=key), hint
    message = detail["msg"].removeprefix("Value error, ")
    return (message[:1].lower() + message[1:] if message[:2].istitle() else message).rstrip("."), ""


def _one_of(text: str, choices: Sequence[str]) -> str:
    near = did_you_mean(text, choices)
    listed = "one of: " + ", ".join(choices)
    return f"{near} {listed}" if near.startswith("did") else listed
