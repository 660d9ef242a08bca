"""Judging: everything that one reading changes, decided in one pure function that the store calls inside its
transaction.

    1. identify   new, a revision or unchanged to its feed (core.identity); how far it comes (first poll, too old,
       matched)
    2. relate     the earlier alerts, of any rule, that it is a copy of; then the story that it belongs to
    3. silence    muted for the rule: no alert, and later copies are not held back by it
    4. grade      the rule's severity, or that of the highest raise that holds
    5. route      the rule's channels, or the default ones
    6. decide     per rule and target: join a live alert (and raise it), tell what it changes, or make one
    7. plan       put the new alerts into messages, at once or gathered

Articles are judged in the order of the document, and each one is a candidate for the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from watcher.core.alerts.coming import Coming, coming, in_time
from watcher.core.alerts.decide import Desk, Intent, Related
from watcher.core.alerts.follow import UPDATE_GATHERS, Following, Step
from watcher.core.alerts.gather import Gatherer
from watcher.core.alerts.grade import Grade, grade
from watcher.core.alerts.kept_back import kept_back_of, tell_kept_back
from watcher.core.alerts.over_time import FirstMatches
from watcher.core.alerts.plan import plan
from watcher.core.alerts.restored import offered, set_apart, with_offers
from watcher.core.alerts.route import Target, route, sample_route
from watcher.core.alerts.silence import IsSilenced, make_silencer, say
from watcher.core.alerts.storyline import Chapter, Storyline
from watcher.core.alerts.timing import About, Door, about_article
from watcher.core.model.alert import (
    AlertKind,
    Disposition,
    Fold,
    JudgeContext,
    Judged,
    Judgement,
    Member,
    Muted,
    NewAlert,
    NewMessage,
)
from watcher.core.model.article import Article
from watcher.core.model.identity import FeedMemory
from watcher.core.model.ids import AlertId, ChannelName, RuleId, StoryId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.message import HoldReason, MessageState
from watcher.core.model.policy import CONSOLE, Policy, Silence
from watcher.core.model.rule import FollowUps, Rule, Severity
from watcher.core.model.verdict import Level, Outcome, Verdict

SAMPLES_OFF: Final = "sample feeds are off once a real channel is set"
DROPS: Final[dict[HoldReason | None, str]] = {
    HoldReason.QUIET: "dropped, as the quiet hours of its channel or route ask",
    HoldReason.LIMIT: "dropped, as the limit of its rule or channel asks",
}
COPY_OF_TOLD: Final = "a copy of what its own channel took before it broke"
NO_FOLLOW_UPS: Final = "more on a story that was told; the rule wants no follow-ups"


def make_judge(policy: Policy) -> Callable[[Sequence[ReadArticle], JudgeContext], Judgement]:
    """Return the judge of one configuration: the same reading and context always give the same judgement.

    Raises:
        ConfigError: a silence holds a word that is not a term.
    """
    silenced_by = make_silencer(policy.silences)

    def judge(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        session = _Session(policy, context, silenced_by)
        document = coming(reads, context, policy.revision)
        kept = kept_back_of(document, policy, context)
        document, notices = tell_kept_back(document, kept, policy, context)
        session.desk.note_listed(one.id for one in document.entries)
        for one in in_time(document.entries, context.now):
            session.judge_article(one)
        return replace(session.judgement(document.memory, notices), kept_back=kept)

    return judge


@dataclass
class _Session:
    """One reading being judged: what was decided so far."""

    policy: Policy
    context: JudgeContext
    silenced_by: IsSilenced
    desk: Desk = field(init=False)
    articles: list[Judged] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    alerts: list[NewAlert] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    muted: list[Muted] = field(default_factory=list)
    holds: dict[ChannelName, HoldReason | None] = field(default_factory=dict)
    first_matches: FirstMatches = field(init=False)
    storyline: Storyline = field(init=False)

    def __post_init__(self) -> None:
        self.first_matches = FirstMatches(self.context)
        self.desk = Desk(self.context)
        self.storyline = Storyline(self.policy, self.context, self.desk)

    def judge_article(self, one: Coming) -> None:
        self.articles.append(Judged(one.read, one.id, one.disposition, one.stage, one.is_rekeyed))
        member = Member(one.read.article, one.read.keys)
        self.desk.note(member)
        if one.disposition is Disposition.UNCHANGED:
            return
        rules = [(match, self.policy.rules[match.rule]) for match in one.told if match.rule in self.policy.rules]
        if rules or one.passed_over:
            related = self.desk.relate(member)
            if rules:
                chapter = self.storyline.place(related, [match for match, _ in rules])
                chapter = replace(chapter, earlier=one.before, fresh=one.fresh)
                related = chapter.related
                for match, rule in rules:
                    self._judge_match(chapter, rule, match, one.notes.get(match.rule, ""))
            self._pass_over(related, one.passed_over)

    def _pass_over(self, related: Related, passed_over: Mapping[RuleId, str]) -> None:
        """Say why a rule that fires on a later text makes no news of it."""
        for id_, reason in passed_over.items():
            rule = self.policy.rules.get(id_)
            if rule is not None:
                about = about_article(related.member.article, id_, rule.severity)
                for target in route(rule, self.policy, self.context.broken, about):
                    self._tell(related, rule, target.name, Outcome.SKIPPED, reason)

    def _judge_match(self, chapter: Chapter, rule: Rule, match: Match, changed: str) -> None:
        related = chapter.related
        article = related.member.article
        graded = grade(rule, match, chapter.sources, self.context.now)
        targets = self._targets(article, rule, graded)
        if not targets:
            self._tell(related, rule, CONSOLE, Outcome.SKIPPED, SAMPLES_OFF)
            return
        earlier = self.first_matches.matched_before(match, article.id)
        self.first_matches.add(match, article.id)
        for target in targets:
            silence = self._silence(chapter, rule, target)
            if silence is not None and not self._speaks(silence, chapter, rule, target, graded):
                self._tell(related, rule, target.name, Outcome.SILENCED, say(silence), graded)
                held = Muted(silence.name, article.id, rule.id, target.name, related.story, graded.severity)
                self.muted.append(held)
            elif earlier and self.desk.to_join(related, rule.id, target.name) is None:
                self._tell(related, rule, target.name, Outcome.SKIPPED, earlier, graded)
            elif self._was_told(related, rule, target):
                self._tell(related, rule, target.name, Outcome.SKIPPED, COPY_OF_TOLD, graded)
            else:
                self._decide(chapter, rule, target, graded, changed)

    def _silence(self, chapter: Chapter, rule: Rule, target: Target) -> Silence | None:
        """Return what mutes an article on a channel, or on all those in whose place it would be told there."""
        article, story = chapter.related.member.article, chapter.related.story
        found = self.silenced_by(article, rule.id, story, target.name, self.context.now)
        if found is not None or not target.instead_of:
            return found
        others = [self.silenced_by(article, rule.id, story, one, self.context.now) for one in target.instead_of]
        return others[0] if all(others) else None

    def _was_told(self, related: Related, rule: Rule, target: Target) -> bool:
        """Return whether the channels in whose place an article would be told took what it is a copy of."""
        joined = [self.desk.to_join(related, rule.id, one) for one in target.instead_of]
        return bool(joined) and all(one is not None and one.state is MessageState.SENT for one in joined)

    def _speaks(self, silence: Silence, chapter: Chapter, rule: Rule, target: Target, graded: Grade) -> bool:
        """Return whether a muted story is told all the same: it is critical, or what was told is taken back."""
        if silence.story is None:
            return False
        told = self.storyline.following(chapter, rule.id, target.name)
        takes_back = told.step is Step.UPDATE and self.storyline.tell_at(told, chapter, rule.id, target.name) is None
        return graded.severity is Severity.CRITICAL or takes_back

    def _targets(self, article: Article, rule: Rule, graded: Grade) -> tuple[Target, ...]:
        if article.sample:
            return sample_route(self.policy)
        about = about_article(article, rule.id, graded.severity)
        return route(rule, self.policy, self.context.broken, about)

    def _decide(self, chapter: Chapter, rule: Rule, target: Target, graded: Grade, changed: str) -> None:
        self.holds[target.name] = target.hold
        related = chapter.related
        why = _joined(f"{graded.severity.word}: {graded.why}" if graded.why else "", changed)
        intent = Intent(rule.id, target.name, graded.severity, self.policy.revision, _joined(why, target.note))
        told = self.storyline.following(chapter, rule.id, target.name)
        if self.desk.to_join(related, rule.id, target.name) is not None:
            self._join(chapter, replace(intent, note=target.note), graded, told, why)
        elif told.step is Step.FOLLOW_UP and self._is_weightier(chapter, intent, graded):
            self._raise_story(chapter, replace(intent, note=target.note), told, graded)
        elif told.step is Step.FOLLOW_UP and rule.follow_ups is FollowUps.NONE:
            self._tell(related, rule, target.name, Outcome.SKIPPED, NO_FOLLOW_UPS, graded)
        else:
            self._found(chapter, intent, told, why)

    def _join(self, chapter: Chapter, intent: Intent, graded: Grade, told: Following, why: str) -> None:
        """Fold an article into a live alert; tell what it changes, and that the alert matters more by now."""
        verdict, _, fold = self.desk.decide(chapter.related, intent)
        self.verdicts.append(replace(verdict, reason=why))
        if fold is not None:
            self.folds.append(fold)
        if told.step is Step.UPDATE:
            self.alerts.append(self.desk.found(chapter.related, self._following(chapter, intent, told)))
        elif graded.why and verdict.alert is not None:
            self._raise(chapter.related, intent, verdict.alert, verdict.story, graded)

    def _found(self, chapter: Chapter, intent: Intent, told: Following, why: str) -> None:
        verdict, alert, _ = self.desk.decide(chapter.related, self._following(chapter, intent, told))
        self.verdicts.append(replace(verdict, reason=_joined(why, told.text)))
        if alert is not None:
            self.alerts.append(alert)

    def _following(self, chapter: Chapter, intent: Intent, told: Following) -> Intent:
        """Return the intent of an alert on a story that was told before; that of a first one stays as it is."""
        heard = self.desk.heard(intent.rule, intent.target, chapter.related.story)
        if told.step is Step.FIRST or heard is None:
            return intent
        tell_at = self.storyline.tell_at(told, chapter, intent.rule, intent.target)
        if tell_at is None and self._goes_with_its_claim(chapter, intent, told):
            tell_at = self.context.now + UPDATE_GATHERS
        update = f"UPDATE: {told.text}" if told.step is Step.UPDATE else ""
        return replace(
            intent,
            kind=AlertKind(told.step.value),
            severity=max(intent.severity, heard.severity),
            note=_joined(update, intent.note),
            fingerprint=told.fingerprint,
            tell_at=None if intent.severity > heard.severity else tell_at,
        )

    def _goes_with_its_claim(self, chapter: Chapter, intent: Intent, told: Following) -> bool:
        """Return whether what is taken back was not told to a channel yet, which holds it: the two go together."""
        takes_back = bool(told.changes) and all(change.takes_back for change in told.changes)
        if not takes_back or intent.severity is Severity.CRITICAL or intent.target in self.context.broken:
            return False
        if intent.target in self.policy.silent_targets or intent.target in self.policy.threaded:
            return False
        is_free = self.holds.get(intent.target) is None
        return is_free and self.desk.waits_untold(intent.rule, intent.target, chapter.related.story)

    def _is_weightier(self, chapter: Chapter, intent: Intent, graded: Grade) -> bool:
        heard = self.desk.heard(intent.rule, intent.target, chapter.related.story)
        return bool(graded.why) and heard is not None and graded.severity > heard.severity

    def _raise_story(self, chapter: Chapter, intent: Intent, told: Following, graded: Grade) -> None:
        """Tell that a story matters more by now, with the article that made it so; once a severity."""
        related = chapter.related
        head = self.desk.head(intent.rule, intent.target, related.story)
        joined = self._raise(related, intent, head.id, related.story, graded)
        if joined is None:
            self._found(chapter, intent, told, "")
            return
        article = related.member.article
        if joined == head.id:
            self.folds.append(Fold(joined, article.id, Level.SAME_STORY, article.text))
        verdict = Verdict(
            article=article.id,
            rule=intent.rule,
            target=intent.target,
            outcome=Outcome.WAITING,
            story=related.story,
            level=Level.SAME_STORY,
            because=related.linked,
            alert=joined,
            reason=f"{graded.severity.word}: {graded.why}",
            text=article.text,
            severity=graded.severity,
        )
        self.verdicts.append(verdict)

    def _raise(
        self, related: Related, intent: Intent, joined: AlertId, story: StoryId, graded: Grade
    ) -> AlertId | None:
        """Tell that a story told before matters more by now: in the alert itself while that is not stored, else in
        another one.

        Return the alert that tells it, None when nothing is to be told.
        """
        told = self.desk.told(intent.rule, intent.target, story)
        if told is None or graded.severity <= told:
            return None
        for position, alert in enumerate(self.alerts):
            if alert.id == joined:
                note = _joined(f"{graded.severity.word}: {graded.why}", intent.note)
                self.alerts[position] = replace(alert, severity=graded.severity, note=note)
                self.desk.regrade(joined, graded.severity)
                return joined
        note = _joined(f"raised from {told.word} to {graded.severity.word}: now {graded.why}", intent.note)
        made = self.desk.raise_(related, replace(intent, note=note), joined)
        if made is None:
            return None
        alert, folds = made
        self.alerts.append(alert)
        self.folds += folds
        return alert.id

    def _tell(
        self,
        related: Related,
        rule: Rule,
        target: ChannelName,
        outcome: Outcome,
        reason: str,
        graded: Grade | None = None,
    ) -> None:
        article = related.member.article
        verdict = Verdict(
            article.id,
            rule.id,
            target,
            outcome,
            related.story,
            reason=reason,
            text=article.text,
            severity=graded.severity if graded else rule.severity,
        )
        self.verdicts.append(verdict)

    def judgement(self, memory: FeedMemory, notices: Sequence[NewMessage]) -> Judgement:
        door = Door(self.policy, self.context.rung, self.context.now, self._about())
        changes = self.storyline.changes()
        gatherer = Gatherer(self.policy, self.context, changes.merged)
        told, offers = set_apart(self.alerts, {one.id: one.read.article for one in self.articles}, self.context)
        planned = plan(told, self.holds, self.context, door, gatherer)
        return Judgement(
            articles=tuple(self.articles),
            verdicts=tuple(_dropped(self.verdicts, planned.messages)),
            alerts=tuple(self.alerts),
            folds=tuple(self.folds),
            messages=(*with_offers(planned.messages, offered(offers)), *notices),
            joins=planned.joins,
            sooner=planned.sooner,
            muted=tuple(self.muted),
            memory=memory,
            stories=changes,
        )

    def _about(self) -> dict[AlertId, About]:
        """Return what schedules look at in the new alerts."""
        articles = {one.id: one.read.article for one in self.articles}
        found = {}
        for alert in self.alerts:
            article = articles.get(alert.article)
            urgent = alert.kind is AlertKind.UPDATE and alert.tell_at is None
            if article is not None:
                found[alert.id] = about_article(article, alert.rule, alert.severity, is_urgent=urgent)
        return found


def _dropped(verdicts: Sequence[Verdict], messages: Sequence[NewMessage]) -> list[Verdict]:
    """Return verdicts that say which alerts are dropped, and by what."""
    why = {alert: one.hold for one in messages if one.state is MessageState.DROPPED for alert in one.alerts}
    return [
        replace(one, outcome=Outcome.DROPPED, reason=_joined(DROPS[why[one.alert]], one.reason))
        if one.alert in why
        else one
        for one in verdicts
    ]


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))
