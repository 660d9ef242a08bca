"""What one poll changes in a feed's state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.feeds.health import (
    after_ends,
    after_poll,
    answered_in,
    body_hash,
    configuration_of,
    limits_of,
    request_policy,
    unchanged,
    validators_to_send,
)
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import FailedMatch, ReadArticle
from watcher.core.model.outcome import (
    FeedProblem,
    FeedState,
    FeedStatus,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchProblemKind,
    Identity,
    NotModified,
    Reading,
    Validators,
    our_mistake,
)
from watcher.core.model.policy import FeedSpec, FirstPoll, RequestPolicy
from watcher.core.model.secret import Secret
from watcher.core.model.suspicion import CLEAR, Suspicion

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
FEED = FeedId("f1")
SPEC = FeedSpec(url="https://n.example/rss", name="n")
NEW = FeedState(feed=FEED, url=SPEC.url, next_poll_at=NOW)
OK = replace(
    NEW,
    status=FeedStatus.OK,
    last_ok_at=NOW - timedelta(hours=1),
    last_item_at=NOW - timedelta(hours=2),
    validators=Validators('"1"', "Mon"),
    body_hash=b"x",
    stripped_hash=b"y",
)


def fetched(**changes: object) -> Fetched:
    return replace(Fetched(b"<rss/>", SPEC.url, validators=Validators('"2"', "Tue")), **changes)  # type: ignore[arg-type]


def reading(*published: datetime | None, **changes: object) -> Reading:
    articles = tuple(
        ReadArticle(Article(ArticleId(f"a{n}"), FEED, published_at=at), ArticleKeys(b"i", b"c"))
        for n, at in enumerate(published)
    )
    return replace(Reading(FEED, 1, articles, stripped_hash=b"s"), **changes)  # type: ignore[arg-type]


def failed(kind: FetchProblemKind, retry_after: timedelta | None = None) -> FetchFailed:
    return FetchFailed(FeedProblem(kind, "no", retry_after=retry_after))


def polls(state: FeedState, *outcomes: FetchOutcome, spec: FeedSpec = SPEC) -> FeedState:
    for outcome in outcomes:
        state = after_poll(state, spec, outcome, None, NOW)
    return state


def test_good_poll_advances_validators_and_hashes() -> None:
    state = after_poll(
        replace(NEW, claims=1),
        SPEC,
        fetched(),
        reading(NOW - timedelta(minutes=5), identity=Identity.LINK, title="N"),
        NOW,
    )
    assert (state.status, state.failures, state.claims, state.problem) == (FeedStatus.OK, 0, 0, None)
    assert (state.validators, state.body_hash, state.stripped_hash) == (
        Validators('"2"', "Tue"),
        body_hash(b"<rss/>"),
        b"s",
    )
    assert (state.last_ok_at, state.last_poll_at, state.last_item_at) == (NOW, NOW, NOW - timedelta(minutes=5))
    assert (state.identity, state.title) == (Identity.LINK, "N")


def test_document_that_was_not_whole_makes_the_next_poll_unconditional() -> None:
    problem = FeedProblem(FetchProblemKind.MALFORMED, "ends early")
    state = after_poll(OK, SPEC, fetched(), reading(NOW, whole=False, problem=problem), NOW)
    assert (state.validators, state.body_hash, state.stripped_hash) == (Validators(), b"", b"")
    assert (state.status, state.problem, state.problem_since) == (FeedStatus.FAILING, problem, NOW)
    assert state.last_ok_at == OK.last_ok_at


def test_a_feed_that_is_always_cut_short_still_has_a_last_item() -> None:
    problem = FeedProblem(FetchProblemKind.MALFORMED, "ends early")
    published = NOW - timedelta(hours=2)
    state = after_poll(NEW, SPEC, fetched(), reading(published, whole=False, problem=problem), NOW)
    assert state.last_item_at == published
    later = after_poll(state, SPEC, fetched(), reading(whole=False, problem=problem), NOW + timedelta(hours=1))
    assert later.last_item_at == published
    # Once whole, and cut for more than a day.
    old = replace(OK, last_ok_at=NOW - timedelta(days=2), failures=1)
    newer = NOW - timedelta(hours=1)
    assert after_poll(old, SPEC, fetched(), reading(newer, whole=False), NOW).last_item_at == newer


def test_a_document_that_was_cut_hides_no_gap_before_the_next_whole_one() -> None:
    def ago(*minutes: int) -> list[datetime]:
        return [NOW - timedelta(minutes=number) for number in minutes]

    state = after_poll(OK, SPEC, fetched(), reading(*ago(6, 9), whole=False), NOW)
    state = after_poll(state, SPEC, fetched(), reading(*ago(1, 2, 3, 7, 8)), NOW)
    assert state.problem is not None
    assert state.problem.kind is FetchProblemKind.OVERFLOW


def test_ill_formed_but_whole_document_is_good_with_a_note() -> None:
    problem = FeedProblem(FetchProblemKind.MALFORMED, "bad tag")
    state = after_poll(OK, SPEC, fetched(), reading(NOW, problem=problem), NOW)
    assert (state.status, state.failures, state.problem) == (FeedStatus.OK, 0, problem)
    assert state.validators.etag == '"2"'
    assert polls(state, NotModified()).problem == problem


def test_failed_match_does_not_make_a_poll_incomplete() -> None:
    pending = ReadArticle(
        Article(ArticleId("a"), FEED), ArticleKeys(b"i", b"c"), (), (FailedMatch(RuleId("r"), "slow"),)
    )
    state = after_poll(OK, SPEC, fetched(), replace(reading(), articles=(pending,)), NOW)
    assert state.validators.etag == '"2"'


def test_feed_that_lists_nothing_after_it_had_items_is_failing() -> None:
    state = after_poll(OK, SPEC, fetched(), reading(), NOW)
    assert (state.status, state.validators) == (FeedStatus.FAILING, Validators())
    assert state.problem is not None
    assert state.problem.kind is FetchProblemKind.EMPTY
    assert after_poll(NEW, SPEC, fetched(), reading(), NOW).status is FeedStatus.OK


@pytest.mark.parametrize(
    "state",
    [
        NEW,
        replace(NEW, status=FeedStatus.FAILING, failures=2, last_ok_at=None),
        # Its last document was cut short, so that the next poll asks for all of it.
        replace(OK, validators=Validators(), body_hash=b"", document_at=NOW - timedelta(hours=1)),
        replace(OK, document_at=NOW - timedelta(hours=25)),
    ],
)
def test_not_modified_in_answer_to_a_request_without_conditions_is_a_problem_and_no_good_poll(state: FeedState) -> None:
    after = polls(state, NotModified())
    assert (after.status, after.last_ok_at, after.failures) == (
        FeedStatus.FAILING,
        state.last_ok_at,
        state.failures + 1,
    )
    assert after.problem is not None
    assert (after.problem.kind, after.problem.status) == (FetchProblemKind.HTTP_STATUS, 304)
    assert after.next_poll_at - NOW <= timedelta(hours=1)
    healed = after_poll(after, SPEC, fetched(), reading(NOW), NOW)
    assert (healed.status, healed.problem) == (FeedStatus.OK, None)


def test_not_modified_over_a_whole_document_of_today_is_a_good_poll() -> None:
    assert polls(replace(OK, document_at=NOW - timedelta(hours=23)), NotModified()).last_ok_at == NOW
    assert polls(OK, NotModified()).last_ok_at == NOW


def test_failures_keep_validators_count_up_and_heal() -> None:
    state = polls(OK, *[failed(FetchProblemKind.DNS)] * 3)
    assert (state.status, state.failures, state.validators) == (FeedStatus.FAILING, 3, OK.validators)
    healed = polls(state, NotModified())
    assert (healed.status, healed.failures, healed.problem, healed.problem_since) == (FeedStatus.OK, 0, None, None)


def test_backoff_grows_to_six_hours_and_never_stops() -> None:
    waits = [(polls(OK, *[failed(FetchProblemKind.TIMEOUT)] * count).next_poll_at - NOW) for count in range(1, 40)]
    assert waits == sorted(waits)
    assert timedelta(0) < waits[0] < timedelta(minutes=12)
    assert timedelta(hours=5) < waits[-1] < timedelta(hours=7)


def test_retry_after_is_honoured_up_to_a_day() -> None:
    assert polls(OK, failed(FetchProblemKind.THROTTLED, timedelta(hours=2))).next_poll_at >= NOW + timedelta(hours=2)
    assert polls(OK, failed(FetchProblemKind.THROTTLED, timedelta(days=900))).next_poll_at <= NOW + timedelta(hours=27)
    assert polls(OK, failed(FetchProblemKind.THROTTLED, -timedelta(hours=9))).next_poll_at > NOW


def test_second_gone_pauses_and_a_good_poll_heals() -> None:
    once = polls(OK, failed(FetchProblemKind.GONE))
    twice = polls(once, failed(FetchProblemKind.GONE))
    assert (once.status, twice.status) == (FeedStatus.FAILING, FeedStatus.PAUSED)
    assert twice.next_poll_at > NOW + timedelta(hours=20)
    assert after_poll(twice, SPEC, fetched(), reading(NOW), NOW).status is FeedStatus.OK
    assert polls(once, failed(FetchProblemKind.TIMEOUT), failed(FetchProblemKind.GONE)).status is FeedStatus.FAILING


def test_third_stopped_worker_quarantines_until_a_good_poll() -> None:
    stopped = reading(whole=False, problem=FeedProblem(FetchProblemKind.READ_TIMEOUT, "killed"))
    state = OK
    seen = []
    for _ in range(3):
        state = after_poll(state, SPEC, fetched(), stopped, NOW)
        seen.append(state.status)
    assert seen == [FeedStatus.FAILING, FeedStatus.FAILING, FeedStatus.QUARANTINED]
    assert NOW + timedelta(minutes=5) <= state.next_poll_at <= NOW + timedelta(minutes=70)
    assert polls(state, failed(FetchProblemKind.DNS)).status is FeedStatus.QUARANTINED
    assert after_poll(state, SPEC, fetched(), reading(NOW), NOW).status is FeedStatus.OK


@pytest.mark.parametrize("outcome", ["fetched", "not modified"])
def test_permanent_redirect_is_stored_after_three_answers_over_a_day(outcome: str) -> None:
    new = "https://new.example/rss"
    state = OK
    urls = []
    for hours in (0, 10, 20, 25):
        now = NOW + timedelta(hours=hours)
        if outcome == "fetched":
            state = after_poll(state, SPEC, fetched(permanent_url=new), reading(now), now)
        else:
            state = after_poll(state, SPEC, NotModified(permanent_url=new), None, now)
        urls.append(state.url)
    assert urls == [SPEC.url, SPEC.url, SPEC.url, new]
    assert (state.moved_to, state.moved_polls) == ("", 0)


def test_redirect_that_changes_or_leaves_https_is_not_stored() -> None:
    state = OK
    for hours, target in enumerate(["https://a.example/", "https://b.example/"] * 30):
        state = after_poll(state, SPEC, NotModified(permanent_url=target), None, NOW + timedelta(hours=hours))
    assert state.url == SPEC.url
    for hours in range(60):
        state = after_poll(
            state, SPEC, NotModified(permanent_url="http://n.example/rss"), None, NOW + timedelta(hours=hours)
        )
    assert (state.url, state.moved_to) == (SPEC.url, "")


def test_feed_goes_back_to_its_configured_address_when_the_new_one_fails() -> None:
    moved = replace(OK, url="https://new.example/rss")
    assert polls(moved, *[failed(FetchProblemKind.HTTP_STATUS)] * 2).url == moved.url
    assert polls(moved, *[failed(FetchProblemKind.HTTP_STATUS)] * 3).url == SPEC.url


def test_interval_follows_the_items() -> None:
    slow = reading(*[NOW - timedelta(hours=3 * n) for n in range(10)])
    quick = reading(*[NOW - timedelta(minutes=n) for n in range(10)])
    assert after_poll(OK, SPEC, fetched(), slow, NOW).interval == timedelta(minutes=60)
    assert after_poll(OK, SPEC, fetched(), quick, NOW).interval == timedelta(minutes=5)
    assert after_poll(OK, replace(SPEC, every=timedelta(minutes=2)), fetched(), slow, NOW).interval == timedelta(
        minutes=2
    )


def test_a_ttl_holds_while_304s_say_nothing_of_it() -> None:
    quick = [NOW - timedelta(minutes=n) for n in range(10)]
    for ttl, minutes in ((None, 5), (2, 5), (20, 20), (1440, 30)):
        wish = timedelta(minutes=ttl) if ttl else None
        state = after_poll(replace(OK, last_item_at=NOW), SPEC, fetched(), reading(*quick, ttl=wish), NOW)
        assert polls(state, NotModified()).interval == timedelta(minutes=minutes)


def test_what_a_feed_says_of_its_changes_counts_where_its_items_have_no_dates() -> None:
    dated = [NOW - timedelta(minutes=n) for n in range(10)]
    hour = timedelta(hours=1)
    for moments, period, minutes in (
        ([None] * 5, None, 10),
        ([None] * 5, hour / 4, 7.5),
        ([None] * 5, 24 * hour, 30),
        ([None] * 5, hour / 3600, 5),
        (dated, 24 * hour, 5),
    ):
        known = replace(OK, last_item_at=NOW)
        state = after_poll(known, SPEC, fetched(), reading(*moments, period=period), NOW)
        assert state.interval == timedelta(minutes=minutes)


def test_redirect_never_takes_credentials_or_private_addresses_along() -> None:
    guarded = replace(SPEC, request=RequestPolicy(cookies={"session": Secret("s")}, user_agent="desk"))
    private = replace(SPEC, request=RequestPolicy(allow_private=("10.0.0.0/8",)))
    for spec in (guarded, private, replace(SPEC, url="https://u:p@n.example/rss")):
        state = replace(OK, url=spec.url)
        for hours in range(60):
            state = after_poll(
                state, spec, NotModified(permanent_url="https://new.example/rss"), None, NOW + timedelta(hours=hours)
            )
        assert state.url == spec.url
    within = OK
    for hours in range(60):
        within = after_poll(
            within, guarded, NotModified(permanent_url="https://n.example/new"), None, NOW + timedelta(hours=hours)
        )
    assert within.url == "https://n.example/new"


def test_what_is_bound_to_the_configured_origin_stays_there() -> None:
    guarded = replace(SPEC, request=RequestPolicy(cookies={"session": Secret("s")}, user_agent="desk"))
    assert request_policy(OK, guarded) == guarded.request
    assert request_policy(replace(OK, url="https://new.example/rss"), guarded) == RequestPolicy(user_agent="desk")


def test_a_poll_that_never_ended_is_tried_again_with_small_limits() -> None:
    usual, small = limits_of(replace(OK, claims=1)), limits_of(replace(OK, claims=2))
    assert small[0].total < usual[0].total
    assert small[0].max_body_bytes < usual[0].max_body_bytes
    assert small[1].memory_bytes < usual[1].memory_bytes


def test_any_end_but_a_stopped_worker_clears_the_suspicion() -> None:
    suspect = replace(OK, suspicion=Suspicion(2, 1))
    assert polls(suspect, failed(FetchProblemKind.DNS)).suspicion == CLEAR
    assert polls(suspect, NotModified()).suspicion == CLEAR
    assert polls(suspect, failed(FetchProblemKind.READ_MEMORY)).status is FeedStatus.QUARANTINED


def test_a_quarantine_lasts_an_hour_at_most_before_it_is_tried_again() -> None:
    state = replace(OK, suspicion=Suspicion(1, 0))
    for _ in range(30):
        [state] = after_ends([state], NOW)
        assert NOW - timedelta(hours=1) <= state.next_poll_at <= NOW + timedelta(hours=1)
    assert state.status is FeedStatus.QUARANTINED


def test_a_mistake_of_ours_is_a_problem_with_backoff() -> None:
    state = OK
    dues = []
    for _ in range(4):
        state = polls(state, FetchFailed(our_mistake("polling the feed", TypeError("secret"))))
        dues.append(state.next_poll_at)
    assert state.problem is not None
    assert state.problem.kind is FetchProblemKind.OUR_MISTAKE
    assert "mistake of ours (TypeError)" in state.problem.message
    assert "please report it" in state.problem.message
    assert (state.status, state.failures) == (FeedStatus.FAILING, 4)
    assert dues == sorted(dues)
    assert dues[-1] > dues[0]


# -- servers that say 304 to everything --------------------------------------------------------------

BELIEVED = replace(OK, document_at=NOW - timedelta(hours=30), last_ok_at=NOW - timedelta(minutes=10))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("document_at", "sent"),
    [(NOW - 23 * HOUR, True), (NOW, True), (NOW - 24 * HOUR, False), (None, False), (NOW + HOUR, False)],
)
def test_a_document_is_asked_for_without_conditions_once_a_day(document_at: datetime | None, sent: bool) -> None:
    expected = OK.validators if sent else Validators()
    assert validators_to_send(replace(OK, document_at=document_at), NOW) == expected


def test_304_never_counts_as_a_document_that_came() -> None:
    assert polls(BELIEVED, NotModified()).document_at == BELIEVED.document_at
    came = polls(BELIEVED, unchanged(fetched()))
    assert (came.document_at, came.validators, came.body_hash) == (NOW, Validators('"2"', "Tue"), body_hash(b"<rss/>"))
    assert after_poll(BELIEVED, SPEC, fetched(), reading(NOW), NOW).document_at == NOW


@pytest.mark.parametrize(
    ("validators", "dates", "told"),
    [
        (Validators('"1"', "Mon"), [None], "it still has the validator of the earlier one"),
        (Validators('"9"', "Mon"), [NOW], "it still has the validator of the earlier one"),
        (Validators('"9"', "Tue"), [NOW - 5 * HOUR, NOW - 40 * HOUR], "1 items are dated within them"),
        (Validators('"9"', "Tue"), [NOW - timedelta(minutes=5)], ""),
        (Validators('"9"', "Tue"), [NOW - 40 * HOUR, None], ""),
    ],
)
def test_what_304s_hid_is_told_and_nothing_is_asked_conditionally_for_a_week(
    validators: Validators, dates: list[datetime | None], told: str
) -> None:
    state = after_poll(BELIEVED, SPEC, fetched(validators=validators), reading(*dates), NOW)
    assert state.status is FeedStatus.OK
    if not told:
        assert state.problem is None
        assert validators_to_send(state, NOW) == validators
        return
    assert state.problem is not None
    assert state.problem.kind is FetchProblemKind.FALSE_NOT_MODIFIED
    assert told in state.problem.message
    assert "30 h" in state.problem.message
    assert validators_to_send(state, NOW) == Validators()
    in_days = after_poll(state, SPEC, fetched(body=b"2"), reading(NOW), NOW + timedelta(days=3))
    assert (in_days.problem, in_days.problem_since) == (state.problem, NOW)
    for later in (
        after_poll(in_days, SPEC, fetched(body=b"3"), reading(NOW), NOW + timedelta(days=7)),
        after_poll(in_days, SPEC, unchanged(fetched(body=b"3")), None, NOW + timedelta(days=7)),
    ):
        assert later.problem is None
        assert validators_to_send(later, NOW + timedelta(days=7)) == later.validators


def test_a_changed_document_within_the_day_is_no_false_304() -> None:
    state = replace(BELIEVED, document_at=NOW - 5 * HOUR)
    state = after_poll(state, SPEC, fetched(validators=OK.validators), reading(NOW - 3 * HOUR), NOW)
    assert state.problem is None


def test_what_the_configuration_says_changes_what_counts_as_unchanged() -> None:
    assert configuration_of(SPEC) == configuration_of(replace(SPEC, every=HOUR))
    assert configuration_of(SPEC) != configuration_of(replace(SPEC, first_poll=FirstPoll.ALERT))
    assert configuration_of(SPEC) != configuration_of(replace(SPEC, max_age=HOUR))


EARLY = replace(OK, last_item_at=NOW - timedelta(hours=26))


def window(first: int, count: int = 6) -> list[datetime]:
    """Return the dates of a document: one item an hour, the oldest so many hours before now."""
    return [NOW - timedelta(hours=first - n) for n in range(count)]


def test_a_document_that_begins_after_all_that_was_known_overflows_and_is_asked_soonest() -> None:
    known = after_poll(EARLY, SPEC, fetched(), reading(*window(30)), NOW - timedelta(hours=20))
    assert known.problem is None
    state = after_poll(known, SPEC, fetched(), reading(*window(10)), NOW)
    assert state.problem is not None
    assert (state.status, state.problem.kind) == (FeedStatus.OK, FetchProblemKind.OVERFLOW)
    assert "may have been missed" in state.problem.message
    assert (state.interval, state.failures) == (timedelta(minutes=5), 0)
    assert after_poll(state, SPEC, NotModified(), None, NOW).problem is not None, "304 does not end it"
    assert after_poll(state, SPEC, fetched(), reading(*window(9)), NOW).problem is None


@pytest.mark.parametrize(
    "moments",
    [
        [*window(10), None],  # one without a date may be an old one
        window(31),  # the newest known stands there still
        [NOW] * 6,  # all of one moment: the date of the document
        window(10, 4),  # short documents are replaced as a whole
    ],
)
def test_what_may_hold_a_known_item_is_no_overflow(moments: list[datetime | None]) -> None:
    known = after_poll(EARLY, SPEC, fetched(), reading(*window(30)), NOW - timedelta(hours=20))
    assert after_poll(known, SPEC, fetched(), reading(*moments), NOW).problem is None


def test_the_first_document_never_overflows() -> None:
    assert after_poll(NEW, SPEC, fetched(), reading(*window(10)), NOW).problem is None


def test_the_gaps_of_a_document_say_when_its_feed_is_too_quiet() -> None:
    state = after_poll(OK, SPEC, fetched(), reading(*window(30)), NOW)
    assert (state.usual_gap, state.quiet_after) == (timedelta(hours=1), timedelta(days=3))
    again = after_poll(state, SPEC, fetched(), reading(None, None), NOW)
    assert (again.usual_gap, again.quiet_after) == (state.usual_gap, state.quiet_after)


def test_one_slow_answer_makes_no_slow_feed() -> None:
    state = answered_in(OK, timedelta(seconds=1))
    assert answered_in(state, timedelta(seconds=10)).took == timedelta(seconds=4)
