"""The JSON Schema of a configuration file, made from the same models that read it; for editors, completion and
tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import core_schema

from watcher.delivery.config import ChannelConfig
from watcher.settings.conditions import OPERATORS, SCOPES
from watcher.settings.feed_schema import FeedModel, ListedModel
from watcher.settings.schema import (
    SEVERITIES,
    SHARED,
    ConceptModel,
    ListModel,
    PublisherModel,
    RuleModel,
    RuleTestModel,
    SilenceModel,
)
from watcher.settings.section_schema import SETTINGS
from watcher.settings.timing_schema import RouteModel, ScheduleModel, TimingModel

Json = dict[str, Any]
"""JSON Schema is a tree of whatever JSON holds."""

# A YAML reader of an editor turns `2024`, `NO` and `1.10` into other types; we take every plain scalar as text.
_SCALAR = ["string", "number", "boolean"]
_REF = "#/definitions/{model}"


def json_schema(channel_types: Mapping[str, type[ChannelConfig]]) -> Json:
    """Return a draft-7 schema of one configuration file, with the channel types given."""
    definitions = _shared_definitions()
    definitions["tests"] = {"type": "array", "items": _model(RuleTestModel, definitions)}
    feeds = [{"type": "string"}, _model(FeedModel, definitions), _model(ListedModel, definitions)]
    sections: Json = {
        "concepts": {"type": "object", "additionalProperties": _concept(definitions)},
        "lists": {"type": "object", "additionalProperties": _model(ListModel, definitions)},
        "rules": {"type": "array", "items": _model(RuleModel, definitions)},
        "feeds": {"type": "array", "items": {"anyOf": feeds}},
        "publishers": {
            "type": "object",
            "additionalProperties": {"anyOf": [_ref("texts"), _model(PublisherModel, definitions)]},
        },
        "channels": {
            "type": "object",
            "additionalProperties": {"anyOf": [_channel(each, definitions) for each in channel_types.values()]},
        },
        "schedules": {"type": "object", "additionalProperties": _model(ScheduleModel, definitions)},
        "routes": {"type": "array", "items": _model(RouteModel, definitions)},
        "silences": {"type": "array", "items": _model(SilenceModel, definitions)},
        **{name: _model(model, definitions) for name, model in SETTINGS.items()},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "watcher configuration file",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"anyOf": [schema, {"type": "null"}]} for name, schema in sections.items()},
        "definitions": definitions,
    }


class _Generator(GenerateJsonSchema):
    """Says what users write: secrets are texts, an absent key is absent rather than null, defaults are ours to
    apply.
    """

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> Json:
        """Return the schema of a secret: the only class that fields hold."""
        return {"type": "string"}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Json:
        """Return the schema of the value alone."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Json:
        """Return the schema of the value alone."""
        return self.generate_inner(schema["schema"])


def _model(model: type[BaseModel], definitions: Json) -> Json:
    mode: JsonSchemaMode = "validation"
    schema = model.model_json_schema(by_alias=True, ref_template=_REF, schema_generator=_Generator, mode=mode)
    for name, inner in schema.pop("$defs", {}).items():
        definitions[name] = _as_written(inner)
    definitions[model.__name__] = _as_written(schema)
    return _ref(model.__name__)


def _channel(model: type[ChannelConfig], definitions: Json) -> Json:
    """Return the schema of one type of channel, with the keys that each takes that say when it rings."""
    _model(TimingModel, definitions)
    reference = _model(model, definitions)
    definitions[model.__name__].setdefault("properties", {}).update(definitions["TimingModel"]["properties"])
    return reference


def _as_written(schema: Json) -> Json:
    """Widen a schema to what the reader takes: any scalar for a text, one item for a list."""
    if SHARED in schema:
        return _ref(schema[SHARED])
    schema.pop("title", None)
    for name, inner in schema.get("properties", {}).items():
        schema["properties"][name] = _as_written(inner)
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _as_written(schema["additionalProperties"])
    if schema.get("type") == "string" and not {"pattern", "enum", "const"} & set(schema):
        return {**schema, "type": _SCALAR}
    if schema.get("type") == "array":
        items = _as_written(schema.get("items", {}))
        return {"anyOf": [{**schema, "items": items}, items]}
    return schema


def _ref(name: str) -> Json:
    return {"$ref": _REF.format(model=name)}


def _concept(definitions: Json) -> Json:
    concept = _model(ConceptModel, definitions)
    lists = {
        "type": "object",
        "propertyNames": {"pattern": "^(any|[a-z]{2,3})$"},
        "additionalProperties": _ref("conditions"),
    }
    for key in ("terms", "add"):
        definitions[ConceptModel.__name__]["properties"][key] = {"anyOf": [_ref("conditions"), lists]}
    return {"anyOf": [_ref("conditions"), concept]}


def _shared_definitions() -> Json:
    condition: Json = {"anyOf": [_ref("scalar"), _ref("conditionList"), _ref("term"), _ref("operators"), *_scopes()]}
    many, counted = _ref("conditions"), _ref("counted")
    operators = {name: counted if name in {"near", "onear", "atleast", "first"} else many for name in OPERATORS}
    number: Json = {"type": ["integer", "string"]}
    flag: Json = {"type": ["boolean", "string"]}
    return {
        "scalar": {"type": _SCALAR},
        "texts": {"anyOf": [_ref("scalar"), {"type": "array", "items": _ref("scalar"), "minItems": 1}]},
        "limits": {"anyOf": [_ref("texts"), _object({"not": _ref("texts")}, ["not"])]},
        "condition": condition,
        "conditionList": {"type": "array", "items": _ref("condition")},
        "conditions": {**condition, "description": "a term, a list of terms and conditions, or one condition"},
        "counted": {
            "type": "array",
            "items": _ref("condition"),
            "minItems": 2,
            "description": "conditions, then a number",
        },
        "quiet": {"anyOf": [_ref("scalar"), _quiet()]},
        "digest": {"anyOf": [_ref("scalar"), _digest()]},
        "raises": {"anyOf": [{"type": "array", "items": _ref("raise")}, _ref("raise")]},
        "raise": _object({"severity": {"enum": list(SEVERITIES)}, "when": _ref("raiseWhen")}, ["severity", "when"]),
        "raiseWhen": {"anyOf": [many, _object({**operators, "sources": number, "within": _ref("scalar")}, [])]},
        "operators": {**_object(operators, []), "minProperties": 1},
        "term": _object(
            {"term": _ref("scalar"), "case": flag, "exact": flag, "stem": flag, "in": {"enum": list(SCOPES)}}, ["term"]
        ),
    }


def _quiet() -> Json:
    then, passes = {"enum": ["summary", "send", "drop"]}, {"enum": [*SEVERITIES, "none"]}
    return _object({"during": _ref("scalar"), "then": then, "pass": passes}, ["during"])


def _digest() -> Json:
    return _object({"at": _ref("scalar"), "holds": {"enum": list(SEVERITIES)}}, ["at"])


def _scopes() -> list[Json]:
    return [_object({scope: _ref("conditions")}, [scope]) for scope in SCOPES]


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
