"""`watcher rules draft` with a model on loopback: what it is told, what is taken of it, and what happens without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.http_server import Answer, HttpServer
from watcher.asking.draft_model import BUDGET_FILE, Unanswered, count_question, suggestion_of
from watcher.asking.drafts import Draft, drafted
from watcher.core.model.secret import Secret
from watcher.settings.concepts import library_names
from watcher.settings.env import Settings, read_settings
from watcher.settings.load import load_files

SENTENCE = "tell me when North Korean workers are sent to Russian factories"
NAMES = ("places/north-korea", "places/russia")


def answer(content: object) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


GOOD: dict[str, Any] = {
    "concepts": ["places/north-korea", "places/russia", "places/atlantis"],
    "words": ["worker*", "labourer*", "/(a+)+$/", "$russia", "x: {y}", "Fabrik"],
    "examples": [
        {"text": "Pyongyang labourers arrive in Moscow", "match": True},
        {"text": "Moscow museum shows paintings", "match": False},
        {"text": "Nothing of it", "match": True},
    ],
}


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as found:
        yield found


def settings(folder: Path, server: HttpServer, **more: object) -> Settings:
    (folder / "config").mkdir(exist_ok=True)
    rule = "rules: [{name: hidden-rule, any: [hidden-word]}]\nnetwork: {allow_private: [127.0.0.0/8]}\n"
    (folder / "config" / "a.yaml").write_text(rule, encoding="utf-8")
    given: dict[str, object] = {
        "config": folder / "config",
        "data": folder / "data",
        "draft_url": server.url("/v1"),
        "draft_model": "small",
        "draft_key": Secret("hidden-key"),
    }
    return read_settings(**{**given, **more})


def test_the_sentence_and_names_of_shipped_concepts_leave_and_a_checked_rule_comes(
    tmp_path: Path, server: HttpServer
) -> None:
    server.answers("/v1/chat/completions", Answer(200, answer(GOOD)))
    made = drafted(settings(tmp_path, server), SENTENCE, 14)
    [request] = server.requests
    assert request.headers["authorization"] == "Bearer hidden-key"
    sent = json.loads(request.body)
    assert sent["messages"][1]["content"] == "North Korean workers are sent to Russian factories"
    assert sent["messages"][0]["content"].endswith(", ".join(library_names().values()))
    assert b"hidden" not in request.body
    assert (made.by, made.said) == ("small at 127.0.0.1", "")
    assert list(made.words) == ["worker*", "labourer*", "Fabrik"]
    loaded = load_files({"a.yaml": made.yaml}, read_settings()).configuration
    assert loaded is not None
    assert [(one.article.title, one.fires) for one in loaded.tests][1:] == [
        ("Pyongyang labourers arrive in Moscow", True),
        ("Moscow museum shows paintings", False),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "did not answer as an OpenAI-compatible service"),
        (b'{"choices": []}', "did not answer as an OpenAI-compatible service"),
        (b"[" * 100_000, "did not answer as an OpenAI-compatible service"),
        (answer("I would be glad to help"), "did not answer with the JSON"),
        (answer(["a"]), "did not answer with the JSON"),
        (answer({"words": ["x"] * 1000}), "did not answer with the JSON"),
        (answer({"concepts": ["places/atlantis"], "words": ["/.*/", "$x", "", "\u202e"]}), "named no concept"),
        (json.dumps({"choices": [{"message": {"content": None}}]}).encode(), "did not answer with the JSON"),
    ],
)
def test_an_answer_that_cannot_be_used_is_said_in_a_sentence(body: bytes, said: str) -> None:
    with pytest.raises(Unanswered, match=said):
        suggestion_of(body, NAMES, "models.example")


def test_words_that_tell_nothing_are_left_out(tmp_path: Path, server: HttpServer) -> None:
    server.answers("/v1/chat/completions", Answer(200, answer({**GOOD, "words": ["the", "a*", "worker*"]})))
    assert list(drafted(settings(tmp_path, server), SENTENCE, 14).words) == ["worker*"]


def test_a_fence_that_never_ends_is_refused_at_once() -> None:
    with pytest.raises(Unanswered, match="did not answer with the JSON"):
        suggestion_of(answer("```" + "\n" * 200_000 + "x"), NAMES, "models.example")


def test_an_answer_in_a_fence_is_read() -> None:
    found = suggestion_of(answer(f"```json\n{json.dumps(GOOD)}\n```"), NAMES, "models.example")
    assert list(found.concepts) == list(NAMES)


def offline(made: Draft) -> bool:
    return made.by == "" and made.said.endswith("The rule was made on this machine instead") and "rules:" in made.yaml


@pytest.mark.parametrize(
    ("reply", "more", "said"),
    [
        (Answer(401), {}, "refused the key (401); it is read from WATCHER_DRAFT_KEY"),
        (Answer(302, headers=[("Location", "http://127.0.0.1:9/")]), {}, "answered 302"),
        (
            Answer(200, answer({"concepts": ["places/russia"], "words": ["Atlantis"]})),
            {},
            "does not find the sentence itself",
        ),
        (Answer(200, answer({"words": ["the", "worker*", "a*"]})), {}, "is not about"),
        (Answer(200, answer(GOOD)), {"draft_model": ""}, "WATCHER_DRAFT_MODEL is not set"),
        (Answer(200, answer(GOOD)), {"config": Path("nowhere")}, "not a public address"),
    ],
)
def test_without_a_good_answer_the_rule_is_made_here(
    tmp_path: Path, server: HttpServer, reply: Answer, more: dict[str, object], said: str
) -> None:
    server.answers("/v1/chat/completions", reply)
    made = drafted(settings(tmp_path, server, **more), SENTENCE, 14)
    assert offline(made)
    assert said in made.said
    assert "hidden" not in made.said


def test_questions_of_a_day_are_counted_and_a_count_that_is_damaged_asks_nobody(tmp_path: Path) -> None:
    data, day = tmp_path / "data", date(2026, 11, 28)
    count_question(data, day, 1)
    with pytest.raises(Unanswered, match="1 draft a day may ask"):
        count_question(data, day, 1)
    count_question(data, day + timedelta(days=1), 1)
    for damaged in ("{", "[]", '{"day": "2026-11-28"}', "[" * 100_000):
        (data / BUDGET_FILE).write_text(damaged, encoding="utf-8")
        with pytest.raises(Unanswered, match="remove it"):
            count_question(data, day, 1)
