"""Counts what came of planted news: what was told, lost, repeated and wrongly folded, and says it case by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from tests.manners.outlets import Document, Outlet
from tests.manners.world import Truth
from watcher.core.model.alert import Disposition, Judgement
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId
from watcher.core.model.message import MessageState
from watcher.core.model.record import MessageRecord
from watcher.core.model.verdict import Level, Outcome

_SAME_NEWS = frozenset({Level.REVISION, Level.SAME_ARTICLE, Level.NEAR_COPY})
"""To fold at these levels says that two texts tell the same."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one manner came to."""

    news: int = 0
    told: int = 0
    updates: int = 0
    updates_told: int = 0
    repeated: int = 0
    wrongly_folded: int = 0
    unsent: int = 0

    @property
    def lost(self) -> int:
        """News that nobody was told."""
        return self.news - self.told

    @property
    def a_story(self) -> float:
        """Messages beyond the planted, for each news."""
        return self.repeated / self.news if self.news else 0.0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass
class _OfManner:
    """What was listed, told and folded under one manner."""

    seen: set[Truth] = field(default_factory=set)
    planted: dict[Truth, datetime] = field(default_factory=dict)
    late: set[Truth] = field(
        default_factory=set
    )  # of the days before the play; listed after the first poll, they may be told
    told: Counter[Truth] = field(default_factory=Counter)
    misfolded: dict[str, str] = field(default_factory=dict)
    sent: set[AlertId] = field(default_factory=set)
    not_sent: set[AlertId] = field(default_factory=set)


@dataclass
class Tally:
    """Listens to a play. `log` keeps what was shown and decided, line by line, where it is asked for."""

    log: list[str] | None = None
    _manners: dict[str, _OfManner] = field(default_factory=dict)
    _firsts: set[str] = field(default_factory=set)
    _shown: dict[str, set[str]] = field(default_factory=dict)
    _texts: dict[tuple[ArticleId, int], tuple[str, Truth]] = field(default_factory=dict)
    _alerts: dict[AlertId, tuple[ArticleId, int]] = field(default_factory=dict)
    _listed: Counter[AlertId] = field(default_factory=Counter)

    # -- what is heard ---------------------------------------------------------------------------

    def document(self, outlet: Outlet, document: Document, now: datetime) -> None:
        """Note what a poll listed. What stands in a feed's first document is no news; what is older and was not
        listed then may be told.
        """
        own = self._of(outlet.manner)
        truths = {Truth.of(entry.author) for entry in document.entries} - {Truth()}
        if outlet.name not in self._firsts:
            self._firsts.add(outlet.name)
            own.seen |= truths
        for truth in truths:
            if outlet.is_news(truth):
                own.planted.setdefault(truth, now)
            elif outlet.is_recent(truth):
                own.late.add(truth)
        self._log_document(outlet, document, now)

    def judged(self, outlet: Outlet, judgement: Judgement, now: datetime) -> None:
        """Note what was made of it."""
        for one in judgement.articles:
            if one.disposition is not Disposition.UNCHANGED:
                truth = Truth.of(one.read.article.author)
                self._texts[one.id, one.read.article.text] = outlet.manner, truth
        for alert in judgement.alerts:
            self._alerts.setdefault(alert.id, (alert.article, alert.text))
        for verdict in judgement.verdicts:
            if verdict.outcome is Outcome.FOLDED and verdict.alert is not None and verdict.level in _SAME_NEWS:
                self._fold((verdict.article, verdict.text), verdict.alert, f"{verdict.level.value}: {verdict.because}")
        self._log_judgement(judgement)

    def message(self, message: MessageRecord) -> None:
        """Note a message that the store holds at the end."""
        for _, alert in message.deliveries:
            manner, truth = self._texts[self._alerts[alert]]
            own = self._of(manner)
            if message.state is MessageState.SENT:
                self._listed[alert] += 1
                own.told[truth] += 1
                own.sent.add(alert)
            else:
                # What a summary took over stands in a message that was skipped, and in the summary.
                own.not_sent.add(alert)

    def truth(self, alert: AlertId) -> Truth:
        """Return what an alert tells."""
        return self._texts[self._alerts[alert]][1]

    def _fold(self, folded: tuple[ArticleId, int], alert: AlertId, why: str) -> None:
        manner, truth = self._texts[folded]
        _, told = self._texts[self._alerts[alert]]
        if truth.news and truth.news != told.news:
            self._of(manner).misfolded.setdefault(truth.news, f"into {told or 'idle talk'}, {why}")

    def _of(self, manner: str) -> _OfManner:
        return self._manners.setdefault(manner, _OfManner())

    # -- what is said ----------------------------------------------------------------------------

    def figures(self) -> dict[str, Figures]:
        """Return the figures of each manner."""
        return {manner: _figures(own) for manner, own in self._manners.items()}

    def complaints(self, manner: str) -> list[str]:
        """Return a line for each news that was lost or wrongly folded, and for each that was told too often."""
        own = self._of(manner)
        told = {truth.news for truth in own.told}
        lines = [
            f"LOST {truth.news}, listed {own.planted[truth]:%m-%d %H:%M}"
            for truth in sorted(_news(own), key=lambda truth: own.planted[truth])
            if truth.news not in told
        ]
        lines += [f"FOLDED {news} {why}" for news, why in own.misfolded.items()]
        lines += [f"REPEATED {truth or 'idle talk'}: {count}" for truth, count in _repeats(own).items()]
        return lines

    def _log_document(self, outlet: Outlet, document: Document, now: datetime) -> None:
        if self.log is None:
            return
        shown = self._shown.setdefault(outlet.name, set())
        whole = "" if document.whole else ", cut short"
        self.log.append(f"{now:%m-%d %H:%M} {outlet.name} lists {len(document.entries)}{whole}; new or changed:")
        lines = [
            f"    {entry.author or '-':7} {entry.title[:70]!r} guid={entry.guid} link={entry.link} "
            f"date={entry.published_at:%m-%d %H:%M:%S}"
            if entry.published_at
            else f"    {entry.author or '-':7} {entry.title[:70]!r} guid={entry.guid} link={entry.link} undated"
            for entry in document.entries
        ]
        self.log += [line for line in lines if line not in shown]
        shown.update(lines)

    def _log_judgement(self, judgement: Judgement) -> None:
        if self.log is None:
            return
        for one in judgement.articles:
            if one.disposition is not Disposition.UNCHANGED:
                self.log.append(f"  = {_named(one.read.article)} {one.disposition.value}, {one.stage.value}, {one.id}")
        for verdict in judgement.verdicts:
            _, truth = self._texts[verdict.article, verdict.text]
            why = f"{verdict.level.value} of {verdict.of}, {dict(verdict.because)}" if verdict.of else ""
            self.log.append(f"  > {truth or '-'} {verdict.outcome.value} {verdict.reason} {why}".rstrip())


def _named(article: Article) -> str:
    return f"{article.author or '-'} text {article.text}"


def _news(own: _OfManner) -> set[Truth]:
    """Return the first text of each planted news."""
    known = {truth.news for truth in own.seen}
    first: dict[str, Truth] = {}
    for truth in own.planted:
        if truth.news not in known:
            first.setdefault(truth.news, truth)
    return set(first.values())


def _repeats(own: _OfManner) -> dict[Truth, int]:
    """Return how often each text was told beyond once; what is no news at all beyond never."""
    first = _news(own)
    due = first | {truth for truth in (*own.planted, *own.late) if truth not in own.seen}
    return {truth: count - (truth in due) for truth, count in own.told.items() if count > (truth in due)}


def _figures(own: _OfManner) -> Figures:
    first = _news(own)
    later = {truth for truth in own.planted if truth not in first and truth not in own.seen}
    told = {truth.news for truth in own.told}
    return Figures(
        news=len(first),
        told=sum(truth.news in told for truth in first),
        updates=len(later),
        updates_told=sum(truth in own.told for truth in later),
        repeated=sum(_repeats(own).values()),
        wrongly_folded=len(own.misfolded),
        unsent=len(own.not_sent - own.sent),
    )
