"""Asking a model that the user named for the parts of a rule; nothing but the sentence and the names of shipped
concepts goes there.

The endpoint is OpenAI-compatible: `POST {WATCHER_DRAFT_URL}/chat/completions`. What it answers is hostile text like any
other: only names of concepts that exist, plain words and headlines are taken of it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import regex
from pydantic import BaseModel, ConfigDict, Field

from watcher.core.articles.text import one_line, plain_to_text
from watcher.core.model.policy import FetchLimits
from watcher.core.web_addresses import host_of
from watcher.daemon.clock import SystemClock
from watcher.delivery.answers import masked
from watcher.errors import ConfigError, FetchError, OutOfDescriptors
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.network.policy import HttpRequest
from watcher.settings.env import Settings
from watcher.settings.phrases import counted
from watcher.telemetry.whose import say_refused

BUDGET_FILE: Final = "drafts.json"
_LIMITS: Final = FetchLimits(
    total=timedelta(seconds=30), connect=timedelta(seconds=10), max_body_bytes=256 * 1024, max_redirects=0
)
_MOST_CONCEPTS: Final = 6
_MOST_WORDS: Final = 24
_MOST_EXAMPLES: Final = 6
_LONGEST_WORD: Final = 60
_LONGEST_TEXT: Final = 300
# Letters, digits, blanks and what stands within words; `*` at the end alone: no operator, pattern or concept.
_WORD: Final = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N} '’-]*\*?")
_TASK: Final = (
    "You help a journalist to write a rule that watches news headlines. Answer with one JSON object and nothing else: "
    '{"concepts": [...], "words": [...], "examples": [{"text": "...", "match": true}]}. '
    "`concepts`: those of the list below that the news must all be about. `words`: up to 20 plain words or short "
    "phrases, in the languages of the sentence and in English, of which a headline must hold one, beside the "
    "concepts; end a stem with * for its forms. `examples`: three headlines that must match and two that must not. "
    "Concepts: "
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a model suggests for a rule: full names of shipped concepts, terms, and headlines with whether they must
    match.
    """

    concepts: Sequence[str]
    words: Sequence[str]
    examples: Sequence[tuple[str, bool]]


class Unanswered(ConfigError):
    """The model gave nothing that could be used; the text says why."""


class _Example(BaseModel):
    model_config = ConfigDict(extra="ignore")
    text: str
    match: bool


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")
    concepts: list[str] = Field(default=[], max_length=100)
    words: list[str] = Field(default=[], max_length=200)
    examples: list[_Example] = Field(default=[], max_length=50)


def suggested(settings: Settings, sentence: str, names: Sequence[str], allow_private: Sequence[str]) -> Suggestion:
    """Return what the model of the settings suggests for a sentence; `names` are the concepts that it may choose from.

    Raises:
        Unanswered: the budget of the day is used up, nothing came in time, or nothing in it can be used.
    """
    if not settings.draft_model:
        raise Unanswered("WATCHER_DRAFT_MODEL is not set: it names the model at WATCHER_DRAFT_URL")
    count_question(Path(settings.data), SystemClock().now().date(), settings.draft_daily)
    body = asyncio.run(_asked(settings, sentence, names, tuple(allow_private)))
    return suggestion_of(body, names, host_of(settings.draft_url))


def _unfenced(text: str) -> str:
    """Return the text without the fence of Markdown that some models put around JSON: "```json" and "```"."""
    text = text.strip()
    return text.partition("\n")[2].removesuffix("```") if text.startswith("```") else text


def suggestion_of(body: bytes, names: Sequence[str], host: str) -> Suggestion:
    """Return what can be used of an answer.

    Raises:
        Unanswered: nothing can.
    """
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise Unanswered(
            f"{host} did not answer as an OpenAI-compatible service; is WATCHER_DRAFT_URL right?"
        ) from error
    try:
        said = _Said.model_validate_json(_unfenced(content) if isinstance(content, str) else content)
    except (ValueError, TypeError) as error:
        raise Unanswered(f"the model at {host} did not answer with the JSON that was asked for") from error
    concepts = [name for name in dict.fromkeys(said.concepts) if name in names][:_MOST_CONCEPTS]
    words = [one_line(plain_to_text(word)).strip() for word in said.words]
    words = [word for word in dict.fromkeys(words) if len(word) <= _LONGEST_WORD and _WORD.fullmatch(word)]
    examples = {one_line(plain_to_text(one.text))[:_LONGEST_TEXT].strip(): one.match for one in said.examples}
    examples.pop("", None)
    if not concepts and not words:
        raise Unanswered(f"the model at {host} named no concept that ships with watcher, and no plain word")
    return Suggestion(concepts, words[:_MOST_WORDS], list(examples.items())[:_MOST_EXAMPLES])


async def _asked(settings: Settings, sentence: str, names: Sequence[str], allow_private: tuple[str, ...]) -> bytes:
    host, key = host_of(settings.draft_url), settings.draft_key
    messages = [{"role": "system", "content": _TASK + ", ".join(names)}, {"role": "user", "content": sentence}]
    asked: dict[str, Any] = {"model": settings.draft_model, "messages": messages, "temperature": 0}
    request = HttpRequest(
        url=f"{settings.draft_url}/chat/completions",
        method="POST",
        headers={"content-type": "application/json"},
        origin_headers={"authorization": f"Bearer {key.reveal()}"} if key is not None else {},
        content=json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace"),
        allow_private=allow_private,
        limits=_LIMITS,
    )
    client = GuardedClient(AddressGuard())
    try:
        answer = await client.exchange(request)
    except (FetchError, OutOfDescriptors) as error:
        said = masked(str(error), [key] if key is not None else [])
        raise Unanswered(f"the model at {host} gave no answer: {said}") from error
    finally:
        await client.aclose()
    if answer.status in (401, 403):
        raise Unanswered(f"{host} refused the key ({answer.status}); it is read from WATCHER_DRAFT_KEY")
    if answer.status != 200:
        raise Unanswered(f"{host} answered {answer.status} instead of a suggestion")
    return answer.body


def count_question(data: Path, today: date, most: int) -> None:
    """Count one question of today, before it is asked.

    Raises:
        Unanswered: there were as many as may be, or they cannot be counted.
    """
    if most == 0:
        raise Unanswered("WATCHER_DRAFT_DAILY is 0, so that no model is asked")
    file = data / BUDGET_FILE
    try:
        data.mkdir(parents=True, exist_ok=True)
        with file.open("a+", encoding="utf-8") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            kept.seek(0)
            asked = _asked_on(kept.read(1000), today)
            if asked >= most:
                raise Unanswered(
                    f"{counted(most, 'draft')} a day may ask the model (WATCHER_DRAFT_DAILY), and did today"
                )
            kept.truncate(0)
            kept.write(json.dumps({"day": today.isoformat(), "asked": asked + 1}) + "\n")
    except OSError as error:
        raise Unanswered(f"drafts cannot be counted: {say_refused(file, error)}") from error
    except (ValueError, RecursionError) as error:
        raise Unanswered(f"drafts cannot be counted: {file} is not what watcher wrote; remove it") from error


def _asked_on(text: str, today: date) -> int:
    if not text:
        return 0
    kept = json.loads(text)
    if not isinstance(kept, dict) or type(kept.get("asked")) is not int or not isinstance(kept.get("day"), str):
        raise ValueError(text)
    return int(kept["asked"]) if kept["day"] == today.isoformat() else 0
