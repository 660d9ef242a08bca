"""The text of a web page without its menus and advertisements, where the extra `fulltext` is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from watcher.core.feeds import decode, prescan
from watcher.core.feeds.page_limits import refuse_page
from watcher.core.feeds.pages import declared_type
from watcher.core.feeds.prescan import DocumentKind
from watcher.core.matching.engine import RuleSet
from watcher.core.model.page import PageRead, PageRequest
from watcher.core.read import read_with_page
from watcher.errors import ParseError

_NO_PAGE: Final = "what came is no web page"
_NOTHING: Final = "no text of an article was found on it; it may need a reader who is logged in, or a script"


def read_page(request: PageRequest, rules: RuleSet) -> PageRead:
    """Return an article with the text of its page, matched. Runs in a worker: it may take as long as the page wants.

    Raises:
        ImportError: the extra is not installed.
    """
    text = decode.decode(request.body, request.content_type or declared_type(request.body))
    if prescan.kind_of(text) not in {DocumentKind.HTML, DocumentKind.XML}:
        return PageRead(None, _NO_PAGE)
    try:
        refuse_page(text)
    except ParseError as error:
        return PageRead(None, str(error))
    # Imported late: lxml and what it needs are 15 MB and half a second that a worker without such feeds never holds.
    found = import_module("trafilatura").extract(text, url=request.url, include_comments=False, favor_recall=True)
    words = (found or "").strip()[: request.limits.max_text_chars]
    if not words:
        return PageRead(None, _NOTHING)
    return PageRead(read_with_page(request.article, words, rules, request.limits), page_chars=len(words))
