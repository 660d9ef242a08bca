"""The page's one door for changes: forms that ask, forms that are sent, and signed links.

    GET  /ask/mute?kind=rule&what=shells   a form that asks for how long
    POST /do/mute, unmute, retry, ...      does it, and leads to /changes, where it stands with its undo
    GET  /l/...                            a signed link: a form that asks
    POST /l/...                            does what the link says

No GET changes anything: mail programs and chat services open links by themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from watcher.core.alerts.by_hand import SPANS
from watcher.errors import WatcherError
from watcher.telling.signed_links import LinkTo, SignedLink
from watcher.web.access import user_of
from watcher.web.forms import BadForm, discard_body, one_line, read_form
from watcher.web.pages import render_page
from watcher.web.source import Asked, PageSource

_Do = Callable[[Mapping[str, str], str], Awaitable[str]]

_NO_LINK = "This link is not valid: it was changed on its way, it is too old, or another watcher made it."


def door_routes(source: PageSource) -> list[Route]:
    """Return the routes that ask and change."""
    hand = source.hand

    async def mute(form: Mapping[str, str], by: str) -> str:
        return await hand.mute(
            form.get("kind", ""), form.get("what", ""), form.get("span", ""), one_line(form.get("because", "")), by, ""
        )

    async def unmute(form: Mapping[str, str], by: str) -> str:
        return await hand.unmute(form.get("what", ""), by)

    async def retry(form: Mapping[str, str], by: str) -> str:
        return await hand.retry(form.get("what", ""), by)

    async def release(form: Mapping[str, str], by: str) -> str:
        return await hand.release(form.get("what", ""), by)

    async def resume(form: Mapping[str, str], by: str) -> str:
        return await hand.resume(form.get("what", ""), by)

    async def vote(form: Mapping[str, str], by: str) -> str:
        return await hand.vote(form.get("what", ""), form.get("value", ""), by)

    async def unvote(form: Mapping[str, str], by: str) -> str:
        return await hand.take_back_vote(form.get("what", ""), by)

    async def ask_mute(request: Request) -> Response:
        kind, what = (request.query_params.get(name, "") for name in ("kind", "what"))
        asked = await hand.ask(kind, what)
        if asked is None:
            return _said("There is nothing like that to mute.", 404)
        return HTMLResponse(render_page("mute.html", asked=asked, spans=list(SPANS), action="/do/mute", on=""))

    async def changes(request: Request) -> Response:
        return HTMLResponse(render_page("changes.html", changes=await hand.changes(), zone=source.zone()))

    async def untold(request: Request) -> Response:
        return HTMLResponse(render_page("untold.html", untold=await hand.untold(), zone=source.zone()))

    return [
        Route("/ask/mute", _when_open(source, ask_mute)),
        Route("/changes", _when_open(source, changes)),
        Route("/untold", _when_open(source, untold)),
        *(
            Route(f"/do/{name}", _when_open(source, _doing(do)), methods=["POST"])
            for name, do in {
                "mute": mute,
                "unmute": unmute,
                "retry": retry,
                "release": release,
                "resume": resume,
                "vote": vote,
                "unvote": unvote,
            }.items()
        ),
        Route("/l/{link}", _when_open(source, _asking_link(source)), methods=["GET"]),
        Route("/l/{link}", _when_open(source, _doing_link(source)), methods=["POST"]),
    ]


def _when_open(
    source: PageSource, answer: Callable[[Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        if not source.is_open():
            return _said("watcher is starting; try again in a moment.", 503)
        return await answer(request)

    return answered


def _doing(do: _Do) -> Callable[[Request], Awaitable[Response]]:
    async def done(request: Request) -> Response:
        user = one_line(user_of(request.headers.get("authorization", "")), 40)
        try:
            await do(await read_form(request), f"{user}, by the page" if user else "the page")
        except BadForm as error:
            return _said(str(error), error.status)
        except WatcherError as error:
            return _said(f"Nothing was changed: {error}", 409)
        # 303: the answer is read with GET, so that loading it again sends nothing again.
        return RedirectResponse("/changes", 303)

    return done


def _asking_link(source: PageSource) -> Callable[[Request], Awaitable[Response]]:
    async def asked(request: Request) -> Response:
        link = source.hand.link(request.path_params["link"])
        if link is None:
            return _said(_NO_LINK, 404)
        if link.to is LinkTo.MUTE_STORY:
            about = await source.hand.ask("story", link.what) or Asked("story", link.what)
            return HTMLResponse(render_page("mute.html", asked=about, spans=list(SPANS), action="", on=link.channel))
        if link.to is LinkTo.VOTE:
            return HTMLResponse(render_page("vote.html", asked=await source.hand.ask("alert", link.what)))
        return HTMLResponse(render_page("unsubscribe.html", link=link))

    return asked


def _doing_link(source: PageSource) -> Callable[[Request], Awaitable[Response]]:
    async def done(request: Request) -> Response:
        link = source.hand.link(request.path_params["link"])
        if link is None:
            return _said(_NO_LINK, 404)
        try:
            return _said(f"Done: {await _by_link(source, link, request)}.", 200)
        except BadForm as error:
            return _said(str(error), error.status)
        except WatcherError as error:
            return _said(f"Nothing was changed: {error}", 409)

    return done


async def _by_link(source: PageSource, link: SignedLink, request: Request) -> str:
    by = f"a link in a message to {link.channel}{f', the one to {link.reader}' if link.reader else ''}"
    if link.to is LinkTo.UNSUBSCRIBE:
        await discard_body(request)  # the signature is the permission
        return await source.hand.unsubscribe(link.channel, link.what, by)
    form = await read_form(request)
    if link.to is LinkTo.VOTE:
        return await source.hand.vote(link.what, form.get("value", ""), by)
    because = one_line(form.get("because", ""))
    return await source.hand.mute("story", link.what, form.get("span", ""), because, by, link.channel)


def _said(text: str, status: int) -> Response:
    return HTMLResponse(render_page("said.html", said=text, status=status), status)
