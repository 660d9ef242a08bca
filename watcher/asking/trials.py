"""How the trial of a channel is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from watcher.asking.channels import Trial
from watcher.core.model.message import AttemptClass
from watcher.telemetry.logging import printable
from watcher.telling.advice import advice

_WORDS: Mapping[AttemptClass, str] = {
    AttemptClass.OK: "taken",
    AttemptClass.RETRY: "not reached",
    AttemptClass.THROTTLE: "asked to wait",
    AttemptClass.CONTENT: "message refused",
    AttemptClass.PERMANENT: "channel refused",
    AttemptClass.UNKNOWN: "no clear answer",
}


SENDING_IS_OFF: Final = (
    "sending is off (WATCHER_SEND=none): this test goes out all the same, but a daemon started so sends no alert"
)


def said(trial: Trial) -> str:
    """Return what one channel answered and what to do about it, in lines."""
    name = f"{trial.name} ({trial.kind})" if trial.kind else str(trial.name)
    if trial.result is None:
        return f"{name}: not tried; {printable(trial.why_not)}"
    lines = [f"{name}: {_WORDS[trial.result.result]}", f"  answer  {printable(trial.result.answer)}"]
    lines += [
        f"  {who}  {one.result.value}  {printable(one.answer)}" for who, one in sorted(trial.result.recipients.items())
    ]
    if what := advice(trial.result):
        lines.append(f"  to do   {what}")
    return "\n".join(lines)


def as_mapping(trial: Trial) -> Mapping[str, Any]:
    """Return what one channel answered as its JSON object."""
    result = trial.result
    return {
        "channel": trial.name,
        "type": trial.kind or None,
        "result": result.result.value if result is not None else None,
        "status": result.status if result is not None else None,
        "answer": (result.answer or None) if result is not None else None,
        "to_do": (advice(result) or None) if result is not None else trial.why_not,
        "recipients": [
            {"recipient": who, "result": one.result.value, "answer": one.answer}
            for who, one in (sorted(result.recipients.items()) if result is not None else ())
        ],
    }
