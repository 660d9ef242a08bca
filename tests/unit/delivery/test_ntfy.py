"""What the codes of an ntfy server mean, and what to do about each."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from watcher.core.model.message import AttemptClass, AttemptResult
from watcher.delivery.ntfy import NTFY
from watcher.telling.advice import advice

PERMANENT, CONTENT, THROTTLE = AttemptClass.PERMANENT, AttemptClass.CONTENT, AttemptClass.THROTTLE


@pytest.mark.parametrize(
    ("status", "code", "error", "means", "said"),
    [
        (400, 40009, "invalid request: topic invalid", PERMANENT, "no such topic"),
        (400, 40010, "invalid request: topic name is not allowed", PERMANENT, "keeps that name"),
        (400, 40011, "invalid message: message must be UTF-8 encoded", CONTENT, "short and plain"),
        (401, 40101, "unauthorized", PERMANENT, "does not know the token"),
        (403, 40301, "forbidden", PERMANENT, "may not write"),
        (404, 40401, "page not found", PERMANENT, "no ntfy at this address"),
        (413, 41301, "attachment too large, or bandwidth limit reached", CONTENT, "attachment"),
        (429, 42901, "limit reached: too many requests", THROTTLE, "one in 5 seconds"),
        (429, 42908, "limit reached: daily message quota reached", THROTTLE, "after midnight UTC"),
        (429, 42909, "limit reached: too many auth failures", THROTTLE, "correct the token"),
        (500, 50001, "internal server error", AttemptClass.RETRY, "passes by itself"),
    ],
)
def test_each_code_has_its_class_and_says_what_to_do(
    status: int, code: int, error: str, means: AttemptClass, said: str
) -> None:
    body = json.dumps({"code": code, "http": status, "error": error}, separators=(",", ":"))
    assert NTFY.table(status, body) is means
    assert said in advice(AttemptResult(means, f"{status} {body}", status=status))


def test_a_quota_of_the_day_is_asked_again_in_an_hour_and_another_limit_soon() -> None:
    assert NTFY.reads('{"code":42908,"http":429}').retry_after == timedelta(hours=1)
    assert NTFY.reads('{"code":42901,"http":429}').retry_after is None
    assert NTFY.reads('["no object"]').retry_after is None
    assert NTFY.reads('{"code":[42908]}').retry_after is None
