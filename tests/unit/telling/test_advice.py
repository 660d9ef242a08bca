"""What a person is told to do about an answer."""

from __future__ import annotations

import pytest

from watcher.core.model.message import AttemptClass, AttemptResult
from watcher.telling.advice import advice


@pytest.mark.parametrize("answer", ["535 5.7.8 no such password", "530 log in first", "535"])
def test_the_code_of_a_mail_server_says_that_the_password_is_wrong(answer: str) -> None:
    assert "WATCHER_SMTP_URL" in advice(AttemptResult(AttemptClass.PERMANENT, answer))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("404 no hook 1535", 404),
        ("530 origin unreachable", 530),  # a page of Cloudflare
        ("550 5.1.1 mailbox 535530@x.example is unknown", None),
        ("5350 something", None),
        ("the connection broke after 530 ms", None),
    ],
)
def test_the_same_figures_elsewhere_say_nothing_of_a_password(answer: str, status: int | None) -> None:
    assert "WATCHER_SMTP_URL" not in advice(AttemptResult(AttemptClass.PERMANENT, answer, status))
