"""The status page as HTML; every text goes through the template's escaping, marks are made from offsets."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from watcher.core.model.message import Marked
from watcher.core.web_addresses import safe_link
from watcher.telling import wording
from watcher.telling.states import reason
from watcher.web.bars import bars
from watcher.web.source import ArticleView, Overview

_PATTERNS = 3  # underline patterns for the groups of a rule; a rule with more groups repeats them


def render_status(overview: Overview) -> str:
    """Return the status page as one HTML document."""
    return _environment().get_template("status.html").render(o=overview, zone=overview.zone)


def render_page(template: str, **values: Any) -> str:  # noqa: ANN401 - what the template of that name shows
    """Return one of the small pages of the door as an HTML document; `zone` says which times it shows."""
    return _environment().get_template(template).render(**values)


def render_article(view: ArticleView) -> str:
    """Return the page of one article as one HTML document."""
    return _environment().get_template("article.html").render(v=view, zone=view.zone)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = marked
    environment.filters["ago"] = ago
    environment.filters["clock"] = clock
    environment.filters["bars"] = bars
    environment.filters["reason"] = reason
    environment.filters["provenance"] = wording.provenance
    environment.filters["gloss"] = wording.gloss
    environment.filters["stopped"] = wording.stopped
    environment.filters["hits"] = wording.hits
    environment.filters["headline"] = wording.headline
    environment.filters["excerpt"] = wording.excerpt
    environment.filters["label"] = wording.label
    environment.filters["safe_link"] = safe_link
    return environment


def marked(text: Marked) -> Markup:
    """Return escaped text with its hits in <mark>, one class per group of the rule."""
    parts, at = [], 0
    for start, end, group in text.marks:
        parts += [escape(text.text[at:start]), Markup('<mark class="k{}">').format((group - 1) % _PATTERNS + 1)]
        parts += [escape(text.text[start:end]), Markup("</mark>")]
        at = end
    parts.append(escape(text.text[at:]))
    return Markup("").join(parts)


@pass_context
def clock(context: Context, moment: datetime | None) -> str:
    """Return a time as people read it, in the zone of the page: "23 Nov 14:02 EET"; the template adds the exact one."""
    return "never" if moment is None else f"{moment.astimezone(context.get('zone', UTC)):%d %b %H:%M %Z}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago, in the largest fitting unit."""
    if moment is None:
        return "never"
    passed = max(now - moment, timedelta(0))
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if passed.total_seconds() >= seconds:
            return f"{int(passed.total_seconds() // seconds)} {unit} ago"
    return f"{int(passed.total_seconds())} s ago"
