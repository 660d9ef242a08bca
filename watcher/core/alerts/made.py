"""Which alerts a commit made, as a log says them: one line an alert, whatever channels it goes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watcher.core.model.alert import NewAlert
from watcher.core.model.ids import ArticleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.record import AlertNote


def notes_of(alerts: Iterable[NewAlert], reads: Mapping[ArticleId, ReadArticle]) -> tuple[AlertNote, ...]:
    """Return a note for each rule, story, kind and article of some alerts, with the channels of all and the highest
    severity; in the order of the alerts.
    """
    together: dict[tuple[object, ...], list[NewAlert]] = {}
    for alert in alerts:
        together.setdefault((alert.rule, alert.story, alert.kind, alert.article), []).append(alert)
    return tuple(_note(alike, reads) for alike in together.values())


def _note(alike: list[NewAlert], reads: Mapping[ArticleId, ReadArticle]) -> AlertNote:
    first = alike[0]
    read = reads.get(first.article)
    return AlertNote(
        rule=first.rule,
        kind=first.kind,
        severity=max(alert.severity for alert in alike),
        story=first.story,
        article=first.article,
        headline=read.article.title if read is not None else "",
        channels=tuple(sorted({alert.target for alert in alike})),
    )
