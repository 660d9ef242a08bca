"""Explanations in words: why a rule fires or stays quiet, the same sentences for the terminal and the page; plain
text, not yet escaped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from watcher.core.articles.datelines import datelines
from watcher.core.model.explanation import (
    LanguageOrigin,
    StopKind,
)
from watcher.core.model.page import PageOutcome
from watcher.telling.verdicts import say_kept_back, say_stage, say_verdict
from watcher.telling.wording import HEADLINE_CHARS, label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from watcher.core.model.article import Article
    from watcher.core.model.explanation import (
        Explanation,
        GroupExplanation,
        LanguageExplanation,
        RaiseExplanation,
        Stop,
    )
    from watcher.core.model.ids import RuleId
    from watcher.core.model.match import Span
    from watcher.core.model.page import PageNote
    from watcher.core.model.policy import Silence
    from watcher.core.model.record import ArticleRecord, MutedRecord

LABEL_CHARS: Final = 40
_MAX_HITS = 6
_LANGUAGES = {
    LanguageOrigin.DECLARED: "language {code}, as declared with the feed",
    LanguageOrigin.LETTERS: "language {code}, guessed from the letters",
    LanguageOrigin.WORDS: "language {code}, told by its words",
    LanguageOrigin.DOUBTED: "language {code}: its letters or words say otherwise than what is declared",
    LanguageOrigin.GIVEN: "language {code}",
    LanguageOrigin.UNKNOWN: "language unknown: it passes",
}
_HOLDS = {True: "yes", False: "no", None: "depends on other articles"}


@dataclass(frozen=True, slots=True)
class GroupInWords:
    """One group: its label, whether it holds and by which words, and what its operators ask for, or ""."""

    label: str
    holds: bool
    said: str
    asks: str

    @property
    def answer(self) -> str:
        """Whether it holds, in a word."""
        return _HOLDS[self.holds]


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """One rule's explanation in words; what does not apply is "" or empty.

    `language` says by which language the rule's `where` decides, and how it is known. `raises` pairs the word of a
    severity with whether, and why, the article is raised to it.
    """

    rule: str
    name: str
    fires: bool
    verdict: str
    groups: tuple[GroupInWords, ...] = ()
    time: str = ""
    stop: str = ""
    near_miss: str = ""
    severity: str = ""
    raises: tuple[tuple[str, str], ...] = ()
    language: str = ""


def tell(explanation: Explanation, article: Article) -> RuleInWords:
    """Return what to say of a rule and an article; all text is on one line and safe to show."""
    stop = explanation.stop
    over_time = stop is not None and stop.kind is StopKind.TIME
    fires = "looks at time, not at an article" if over_time else "fires" if explanation.matched else "would NOT fire"
    return RuleInWords(
        rule=explanation.rule,
        name=label(explanation.name),
        fires=explanation.matched,
        verdict=fires,
        groups=tuple(_group(group, article) for group in explanation.groups),
        time=label(explanation.time, 2 * HEADLINE_CHARS),
        stop="" if stop is None or over_time else _stop(stop, explanation.groups, article),
        near_miss=_near_miss(explanation),
        severity=explanation.severity.word if explanation.raises and explanation.matched else "",
        raises=tuple((one.severity.word, _raise(one, article)) for one in explanation.raises)
        if explanation.matched
        else (),
        language=_language(explanation.language),
    )


def decided(record: ArticleRecord, silences: Sequence[Silence] = ()) -> list[str]:
    """Return what was decided of a stored article, a sentence for each rule and channel; without any, how far it came
    by itself.

    `silences` are those of the configuration of now: they say until when what silences hold is held.
    """
    ends = {silence.name: silence.ends_at for silence in silences}
    said = [say_verdict(verdict) for verdict in record.verdicts]
    said += [_muted(one, ends) for one in record.muted]
    said += [say_kept_back(one) for one in record.kept_back]
    said += [f"{label(rule)}: could not be tried, and is tried again" for rule in record.pending]
    said = said or [say_stage(record.stage)]
    return [*said, say_page(record.page)] if record.page is not None else said


def say_page(note: PageNote) -> str:
    """Return what the feed gave of an article, and whether its page was read."""
    gave = f"text: the feed gave {note.feed_chars:,} characters"
    match note.outcome:
        case PageOutcome.READ:
            return f"{gave}, and its page {note.page_chars:,}, read {note.at:%d %b %H:%M} UTC and matched too"
        case PageOutcome.WANTED:
            return f"{gave}; its page is still to be read" + (f" ({label(note.said, 300)})" if note.said else "")
        case PageOutcome.NOT_NEAR:
            return f"{gave}; its page was not asked for: no rule lacked but one group"
        case PageOutcome.UNREAD:
            return f"{gave}; its page was not read: {label(note.said, 300)}"


def decided_for(rule: RuleId, record: ArticleRecord, silences: Sequence[Silence] = ()) -> list[str]:
    """Return the sentences of `decided` that are about one rule; none where nothing was decided for it."""
    mine = replace(
        record,
        verdicts=tuple(one for one in record.verdicts if one.rule == rule),
        muted=tuple(one for one in record.muted if one.muted.rule == rule),
        pending=tuple(one for one in record.pending if one == rule),
        kept_back=tuple(one for one in record.kept_back if one.kept.rule == rule),
        page=None,
    )
    has_any = mine.verdicts or mine.muted or mine.pending or mine.kept_back
    return decided(mine, silences) if has_any else []


def _muted(one: MutedRecord, ends: Mapping[str, datetime | None]) -> str:
    """Return "army -> desk: held by silence drill until 28 Nov 09:00 UTC; desk is told of it then"."""
    held = one.muted
    lead = f"{label(held.rule)} -> {label(held.target)}: held by silence {label(held.silence)} as {held.severity.word}"
    if one.told_at is not None:
        return f"{lead}; its end, and this with it, was told at {_at(one.told_at)}"
    if held.silence not in ends:
        return f"{lead}; it is configured no more, and its end is told within a minute while the daemon runs"
    ends_at = ends[held.silence]
    if ends_at is None:
        return (
            f"{lead}, which has no end; when it is taken out of the configuration {label(held.target)} is told of this"
        )
    return f"{lead} until {_at(ends_at)}; {label(held.target)} is told of this then"


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %Y %H:%M} UTC"


def _group(group: GroupExplanation, article: Article) -> GroupInWords:
    said = _found(group, article) if group.holds else _missing(group, article)
    # Where nothing was found, no operator had anything to say.
    took_part = group.holds or group.elsewhere or group.weak
    asks = label(group.asks, HEADLINE_CHARS) if took_part else ""
    return GroupInWords(label(group.label, LABEL_CHARS), group.holds, said, asks)


def _found(group: GroupExplanation, article: Article) -> str:
    if len(group.parts) < 2:
        return _hits(group.spans, article)
    return "; ".join(f"{label(part.label, LABEL_CHARS)}: {_hits(part.spans, article)}" for part in group.parts)


def _missing(group: GroupExplanation, article: Article) -> str:
    parts = []
    ends = {field: end for field, _, end in datelines(article)}
    filed = [span for span in group.covered if span.end <= ends.get(span.field, 0)]
    covered = [span for span in group.covered if span not in filed]
    if filed:
        parts.append(f"{_hits(filed, article)} stands in a dateline")
    if covered:
        parts.append(f"{_hits(covered, article)} is covered by `except`")
    if group.foreign:
        parts.append(f"{_hits(group.foreign, article)} is a word of another language")
    if group.weak:
        parts.append(f"only one weak word: {_hits(group.weak, article)}")
    if group.elsewhere:
        parts.append(f"found, but not as asked: {_hits(group.elsewhere, article)}")
    if group.wanted:
        more = ", …" if len(group.wanted) > 1 else ""
        parts.append(f"looked for: {', '.join(map(label, group.wanted))}{more}")
    return "; ".join(parts)


def _stop(stop: Stop, groups: Sequence[GroupExplanation], article: Article) -> str:
    match stop.kind:
        case StopKind.NO_TERM:
            return "it has no term that could make it fire"
        case StopKind.WHERE:
            return f"where: the article's {stop.detail} is not what the rule asks for"
        case StopKind.MISSING:
            missing = [label(group.label, LABEL_CHARS) for group in groups if not group.holds]
            if len(missing) > 1:
                return f"{', '.join(missing)} are missing"
            return f"{label(stop.detail, LABEL_CHARS)} is missing"
        case StopKind.STORIES:
            return f"an item of many stories ({label(stop.detail, LABEL_CHARS)}): not all in one of them"
        case StopKind.TIME:
            return "it looks at time, not at an article"
        case StopKind.EXCLUDED:
            return f"none  {label(stop.detail, LABEL_CHARS)}  HIT  {_hits(stop.spans, article)}"


def _language(found: LanguageExplanation | None) -> str:
    if found is None:
        return ""
    return _LANGUAGES[found.origin].format(code=label(" or ".join(found.codes) or found.code))


def _near_miss(explanation: Explanation) -> str:
    if explanation.stop is not None and explanation.stop.kind is StopKind.EXCLUDED:
        return f"it would fire without `{label(explanation.stop.detail, LABEL_CHARS)}`"
    return f"all but `{label(explanation.near_miss, LABEL_CHARS)}`" if explanation.near_miss else ""


def _raise(one: RaiseExplanation, article: Article) -> str:
    return f"{_HOLDS[one.holds]}: {label(one.asks, HEADLINE_CHARS)}" + (
        f": {_hits(one.spans, article)}" if one.spans else ""
    )


def _hits(spans: Sequence[Span], article: Article) -> str:
    """Return the words that were found, each once with where and how often: "Pyongyang (title), Moscow
    (content) ×2".
    """
    counted = Counter((article.text_of(span.field)[span.start : span.end], span.field.value) for span in spans)
    shown = [
        f"{label(word, LABEL_CHARS)} ({field})" + (f" ×{times}" if times > 1 else "")
        for (word, field), times in list(counted.items())[:_MAX_HITS]
    ]
    return ", ".join(shown) + (f" and {len(counted) - _MAX_HITS} more" if len(counted) > _MAX_HITS else "")
