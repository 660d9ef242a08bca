from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml

from tests.property.test_configuration_text import GOOD
from tests.unit.settings.support import mistakes
from watcher.delivery.kinds import channel_types
from watcher.settings.bundled import bundled
from watcher.settings.json_schema import json_schema
from watcher.settings.section_schema import TOP_LEVEL


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json_schema(channel_types())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def errors(validator: Any, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(yaml.safe_load(text))]


def test_every_section_is_in_the_schema(validator: Any) -> None:
    assert set(validator.schema["properties"]) == set(TOP_LEVEL)


def test_the_shipped_configuration_is_valid(validator: Any) -> None:
    paths = sorted(bundled("config").rglob("*.yaml"))
    assert paths
    for path in paths:
        assert errors(validator, path.read_text(encoding="utf-8")) == []


def test_what_the_program_takes_the_schema_takes(validator: Any) -> None:
    assert mistakes(GOOD) == []
    assert errors(validator, GOOD) == []
    assert errors(validator, "rules:\nfeeds: [https://a.example/]\nconcepts: {a: NO, b: [2024, 1.10]}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "chanel: {}\n",
        "rules: [{any: [a]}]\n",
        "rules: [{name: r, any: [a], exlude: [b]}]\n",
        "rules: [{name: r, any: [a], severity: hihg}]\n",
        "rules: [{name: r, any: [{titel: x}]}]\n",
        "rules: [{name: r, any: [{term: x, cas: true}]}]\n",
        "rules: [{name: r, any: [a], where: {langs: [en]}}]\n",
        "rules: [{name: r, any: [a], where: {tags: {no: [x]}}}]\n",
        "rules: [{name: r, near: a}]\n",
        "feeds: [{name: x}]\n",
        "feeds: [{url: 'https://a.example/', every: soon}]\n",
        "channels: {a: {type: slak}}\n",
        "channels: {a: {type: console, colour: red}}\n",
        "defaults: {evry: 5m}\n",
    ],
)
def test_what_the_program_refuses_by_its_shape_the_schema_refuses(validator: Any, text: str) -> None:
    assert mistakes(text)
    assert errors(validator, text)
