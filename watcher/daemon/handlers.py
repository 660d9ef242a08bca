"""What the control socket can ask of the running daemon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from watcher.by_hand import ByHand
from watcher.core.model.ids import ArticleId, MessageId
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.control import Handler
from watcher.daemon.look_back import BackLooker
from watcher.daemon.poll import Poller
from watcher.daemon.reload import Reloader
from watcher.daemon.send import Sender
from watcher.daemon.world import World
from watcher.errors import ControlError
from watcher.ports import Shown

_BY = "the command line"
_MOST_SECONDS = 3650 * 24 * 3600


class _Doors(ByHand, Shown, Protocol):
    """What people ask for by name, and its change."""


def handlers(
    world: World, reloader: Reloader, poller: Poller, sender: Sender, hand: ByHandDoor, past: BackLooker
) -> Mapping[str, Handler]:
    """Return the verbs of the control socket."""
    state, clock = world.state, world.clock
    store: _Doors = world.store

    async def status(request: Mapping[str, Any]) -> Mapping[str, Any]:
        ready, reasons = state.readiness()
        return {
            "ready": ready,
            "reasons": reasons,
            "phase": state.phase.value,
            "revision": state.revision,
            "degraded": state.degraded,
            "degraded_by": state.degraded_by(),
            "stale_since": state.stale_since,
            "tick_age_seconds": round(max(0.0, clock.monotonic() - state.tick_at), 1),
        }

    async def reload(request: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = await reloader.reload()
        return {"result": answer, "degraded": state.degraded}

    async def poll(request: Mapping[str, Any]) -> Mapping[str, Any]:
        names = _names(request.get("feeds", []))
        known = [record.name for record in await store.feeds()]
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise ControlError(f"no feed is called {', '.join(unknown)}; feeds: {', '.join(known)}")
        due = await store.request_poll(names, clock.now())
        poller.wake.ring()
        return {"due": due}

    async def retry(request: Mapping[str, Any]) -> Mapping[str, Any]:
        record = await store.retry_message(MessageId(_text(request.get("message"), "message")), clock.now())
        sender.wake.ring()
        return {"message": record.id, "state": record.state.value}

    async def release(request: Mapping[str, Any]) -> Mapping[str, Any]:
        made = await store.release_article(ArticleId(_text(request.get("article"), "article")), clock.now())
        sender.wake.ring()
        return {"article": made.article, "targets": list(made.targets), "kept": list(made.kept)}

    async def send_rule(request: Mapping[str, Any]) -> Mapping[str, Any]:
        seconds = request.get("seconds")
        if not isinstance(seconds, int | float) or not 0 < seconds < _MOST_SECONDS:
            raise ControlError("`seconds` must be a number of seconds, more than none and less than ten years")
        return {"said": await past.send(_text(request.get("rule"), "rule"), timedelta(seconds=seconds))}

    return {
        "send_rule": send_rule,
        "status": status,
        "reload": reload,
        "poll": poll,
        "retry": retry,
        "release": release,
        **_by_hand(hand),
    }


def _by_hand(hand: ByHandDoor) -> Mapping[str, Handler]:
    """Return the verbs of what people change."""

    async def unmute(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"said": await hand.unmute(_text(request.get("what"), "what"), _BY)}

    async def resume(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"said": await hand.resume(_text(request.get("what"), "what"), _BY)}

    async def restored(request: Mapping[str, Any]) -> Mapping[str, Any]:
        what, channel = _text(request.get("what"), "what"), request.get("channel", "")
        if not isinstance(channel, str):
            raise ControlError("`channel` must be a text; without it, all channels are meant")
        return {"said": await hand.decide_restored(what, channel, _BY)}

    async def vote(request: Mapping[str, Any]) -> Mapping[str, Any]:
        by = _text(request.get("by"), "by")
        return {"said": await hand.vote(_text(request.get("what"), "what"), _text(request.get("value"), "value"), by)}

    async def unvote(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"said": await hand.take_back_vote(_text(request.get("what"), "what"), _BY)}

    return {"unmute": unmute, "resume": resume, "restored": restored, "vote": vote, "unvote": unvote}


def _names(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ControlError(
            '`feeds` must be a list of names, as {"verb": "poll", "feeds": ["wire"]}; an empty list means all'
        )
    return value


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise ControlError(f"`{key}` must be a text")
    return value
