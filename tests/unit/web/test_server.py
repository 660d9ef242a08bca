from __future__ import annotations

import httpx
import pytest

from tests.fakes.hand import FakeHand
from watcher.web.server import build_app
from watcher.web.source import ArticleView, Overview, PageSource


async def _nothing() -> Overview:
    raise AssertionError("not asked for")


async def _no_article(_: str) -> ArticleView | None:
    return None


@pytest.fixture
def client() -> httpx.AsyncClient:
    source = PageSource(
        _nothing, _no_article, lambda: {"live": True}, lambda: (False, {"ready": False}), lambda: b"", FakeHand()
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(build_app(source)), base_url="http://127.0.0.1")


async def test_the_story_links_of_messages_lead_to_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/s/sdbddympfqd6bxfn652dp66ue3e")
    assert (answer.status_code, answer.headers["location"]) == (302, "../#sdbddympfqd6bxfn652dp66ue3e")


@pytest.mark.parametrize("path", ["/a/a2222", "/a/x", "/a/A1", "/a/a%0d%0aevil", "/a/..%2fetc"])
async def test_what_is_no_article_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/s/x", "/s/S1", "/s/s%0d%0aevil", "/s//evil.example"])
async def test_what_is_no_story_leads_nowhere(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_probes_answer_by_their_status(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503
