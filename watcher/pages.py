"""The doors for pages that are read whole: that of the store, which `ports.Store` holds with all the others, and that
of the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from watcher.core.model.alert import FeedContext, JudgeContext, Judgement
from watcher.core.model.match import ReadArticle
from watcher.core.model.page import PageRead, PageRequest, PageResult, WantedPage
from watcher.core.model.record import Committed


class ReadsPages(Protocol):
    """Reads pages as documents are read: outside the event loop, within a deadline and a memory limit."""

    async def page(self, request: PageRequest) -> PageRead:
        """Return an article with the text of its page, matched under the rules of the request.

        Raises:
            StaleRevision, ParseError: as `Reader.match`.
        """
        ...


class Pages(Protocol):
    """Keeps which pages are wanted; `Polls.commit` notes them with their articles."""

    async def pages_wanted(self, now: datetime, limit: int) -> Sequence[WantedPage]:
        """Return the articles whose pages are to be read now, longest due first."""
        ...

    async def commit_page(
        self,
        result: PageResult,
        context: FeedContext | None,
        judge: Callable[[Sequence[ReadArticle], JudgeContext], Judgement],
        revision: int,
        now: datetime,
    ) -> Committed:
        """Write what became of a page, and judge the rules that fire only with its text; what was told stays. Nothing
        is done for a page that is wanted no more, and nothing judged without a `context`.

        Raises:
            StaleRevision, StorageError: as `Polls.commit`.
        """
        ...
