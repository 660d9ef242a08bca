"""Claims become messages: marks, excerpt, reasons, sources, order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watcher.core.alerts.judge import make_judge
from watcher.core.model.alert import AlertDetail, AlertKind, Member
from watcher.core.model.article import Article, ArticleKeys, Field
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.match import GroupHit, Match, Span
from watcher.core.model.message import AlertSummary, ChannelHealth, Marked, Message, MessageKind
from watcher.core.model.policy import Policy
from watcher.core.model.record import MessageClaim
from watcher.core.model.rule import Rule, Severity, Term
from watcher.core.model.verdict import Level
from watcher.pipeline import Ruling, message_of
from watcher.telling.marked import pieces
from watcher.telling.summary import EXCERPT_CHARS

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
DESK = ChannelName("desk")
KEYS = ArticleKeys(item=b"i" * 16, content=b"c" * 16)


def article(title: str = "", summary: str = "", content: str = "", *, number: int = 1, **more: object) -> Article:
    values = {"url": f"https://paper{number}.example/a", "lang": "en", "first_seen_at": NOW + timedelta(minutes=number)}
    return Article(
        ArticleId(f"a{number}"),
        FeedId(f"f{number}"),
        title=title,
        summary=summary,
        content=content,
        **{**values, **more},  # type: ignore[arg-type] # any field of it
    )


def find(of: Article, label: str, *words: str) -> GroupHit:
    """Every occurrence of the words in title, summary and content."""
    spans = []
    for field in (Field.TITLE, Field.SUMMARY, Field.CONTENT):
        text = of.text_of(field)
        for word in words:
            start = text.find(word)
            while start >= 0:
                spans.append(Span(field, start, start + len(word), word))
                start = text.find(word, start + 1)
    return GroupHit(label, tuple(spans))


def detail(of: Article, *groups: GroupHit, members: tuple[Member, ...] = (), **more: object) -> AlertDetail:
    values: dict[str, object] = {"rule": RuleId("r"), "severity": Severity.NORMAL, "id": AlertId("l1")}
    values |= {"kind": AlertKind.FIRST, **more}
    return AlertDetail(
        target=DESK,
        story=StoryId("s1"),
        revision=3,
        created_at=NOW,
        article=of,
        match=Match(RuleId("r"), groups),
        members=members or (Member(of, KEYS),),
        **values,  # type: ignore[arg-type] # any field of it
    )


def _never(error: Exception) -> None:
    raise error


def message(*details: AlertDetail, kind: MessageKind = MessageKind.ALERT, public_url: str = "") -> Message:
    claim = MessageClaim(
        MessageId("m1"), DESK, kind, 1, "me", NOW, NOW + timedelta(minutes=2), ChannelHealth(DESK), details
    )
    rules = {RuleId("r"): Rule(RuleId("r"), "My rule", Term("x"))}
    policy = Policy(1, rules, {})
    return message_of(claim, Ruling(1, policy, make_judge(policy), {}, public_url), _never)


def one(*groups: GroupHit, of: Article, members: tuple[Member, ...] = (), **more: object) -> AlertSummary:
    return message(detail(of, *groups, members=members, **more)).alerts[0]


def marked_words(marked: Marked) -> list[tuple[str, int]]:
    return [(text, group) for text, group in pieces(marked) if group]


def test_the_headline_marks_each_hit_with_the_number_of_its_group() -> None:
    of = article("Pyongyang ships shells to Russia")
    alert = one(
        find(of, "North Korea", "Pyongyang"), find(of, "Russia", "Russia"), find(of, "military", "shells"), of=of
    )
    assert marked_words(alert.headline) == [("Pyongyang", 1), ("shells", 3), ("Russia", 2)]


def test_the_longer_hit_is_marked_where_two_overlap() -> None:
    of = article("The defence ministry of Russia")
    alert = one(find(of, "a", "ministry"), find(of, "b", "defence ministry"), of=of)
    assert marked_words(alert.headline) == [("defence ministry", 2)]


def test_the_excerpt_shows_where_most_groups_stand_together() -> None:
    filler = "Some long talk about nothing at all. " * 20
    of = article("t", content=f"Russia first. {filler}Then Pyongyang met Moscow in the snow. {filler}")
    alert = one(find(of, "North Korea", "Pyongyang"), find(of, "Russia", "Russia", "Moscow"), of=of)
    assert "Then Pyongyang met Moscow in the snow." in alert.excerpt.text
    assert marked_words(alert.excerpt) == [("Pyongyang", 1), ("Moscow", 2)]
    assert alert.excerpt.text.startswith("…")
    assert alert.excerpt.text.endswith("…")
    assert len(alert.excerpt.text) <= EXCERPT_CHARS + 2


def test_an_excerpt_is_cut_between_words() -> None:
    of = article("t", summary="word " * 40 + "Pyongyang " + "word " * 100)
    text = one(find(of, "North Korea", "Pyongyang"), of=of).excerpt.text
    assert set(text.strip("…").split()) == {"word", "Pyongyang"}


def test_without_a_hit_in_the_text_its_beginning_is_shown() -> None:
    of = article("Pyongyang", summary="A short summary.", content="Other text.")
    assert one(find(of, "North Korea", "Pyongyang"), of=of).excerpt == Marked("A short summary.")


def test_the_content_is_shown_where_the_summary_says_less() -> None:
    of = article("t", summary="Moscow.", content="Pyongyang and Moscow.")
    alert = one(find(of, "North Korea", "Pyongyang"), find(of, "Russia", "Moscow"), of=of)
    assert alert.excerpt.text == "Pyongyang and Moscow."


def test_a_reason_gives_words_as_found_how_often_and_whether_in_the_title() -> None:
    of = article("Moscow talks", summary="In MOSCOW, Moscow said. Russian men.")
    alert = one(find(of, "Russia", "Russian", "MOSCOW", "Moscow"), of=of)
    assert alert.why[0].label == "Russia"
    assert alert.why[0].hits == (("Moscow", 3, True), ("Russian", 1, False))


def test_a_hit_within_a_longer_one_is_not_counted_again() -> None:
    of = article("North Korean men")
    alert = one(find(of, "North Korea", "North Korean", "Korean"), of=of)
    assert alert.why[0].hits == (("North Korean", 1, True),)


def test_sources_stand_in_order_of_arrival_and_copies_say_so() -> None:
    first, second, third = (
        article("Title", number=number, lang=lang) for number, lang in ((1, "en"), (2, "ru"), (3, ""))
    )
    members = (Member(first, KEYS), Member(second, KEYS, Level.NEAR_COPY), Member(third, KEYS, Level.SAME_ARTICLE))
    alert = one(of=first, members=members)
    assert [(line.name, line.copy) for line in alert.lines] == [
        ("paper1.example", False), ("paper2.example", True), ("paper3.example", True),
    ]  # fmt: skip
    assert (alert.copies, alert.languages) == (2, 2)


def test_a_revision_of_the_founders_item_is_no_copy() -> None:
    first = article("Title")
    members = (Member(first, KEYS), Member(first, KEYS, Level.REVISION))
    assert one(of=first, members=members).copies == 0


def test_a_sample_is_no_source() -> None:
    of = article("t", sample=True)
    assert one(of=of, sample=True).sources == 0


def test_a_story_link_needs_a_public_address() -> None:
    of = article("t")
    assert message(detail(of)).alerts[0].story_url == ""
    assert message(detail(of), public_url="https://w.example/").alerts[0].story_url == "https://w.example/s/s1"


def test_a_rule_that_is_gone_is_named_by_its_id() -> None:
    of = article("t")
    assert message(detail(of, rule=RuleId("gone"))).alerts[0].rule_name == "gone"
    assert message(detail(of)).alerts[0].rule_name == "My rule"


def test_a_summary_is_ranked_by_severity_then_sources_then_time() -> None:
    def at(number: int, severity: Severity, copies: int, minute: int) -> AlertDetail:
        of = article(f"t{number}", number=number, published_at=NOW + timedelta(minutes=minute))
        others = tuple(
            Member(article(f"other {n}", number=100 * number + n), KEYS, Level.SAME_STORY) for n in range(copies)
        )
        return detail(of, id=AlertId(f"l{number}"), severity=severity, members=(Member(of, KEYS), *others))

    ranked = message(
        at(1, Severity.LOW, 5, 0),
        at(2, Severity.HIGH, 0, 1),
        at(3, Severity.HIGH, 0, 2),
        at(4, Severity.HIGH, 3, 0),
        kind=MessageKind.SUMMARY,
    )
    assert [alert.id for alert in ranked.alerts] == ["l4", "l3", "l2", "l1"]
