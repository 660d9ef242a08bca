"""What headers and statuses of a feed server mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.model.outcome import FetchProblemKind, Validators
from watcher.fetching.answers import bot_wall, max_age, problem_of, validators_of
from watcher.network.policy import HttpAnswer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
IN_AN_HOUR = "Mon, 23 Nov 2026 13:00:00 GMT"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"cache-control": "public, Max-Age=600"}, timedelta(minutes=10)),
        ({"cache-control": 'max-age="600"'}, timedelta(minutes=10)),
        ({"cache-control": "max-age=600", "age": "100"}, timedelta(seconds=500)),
        ({"cache-control": "max-age=600", "expires": "0"}, timedelta(minutes=10)),
        ({"cache-control": "max-age=99999999999999"}, DAY),
        ({"expires": IN_AN_HOUR}, timedelta(hours=1)),
        ({"expires": IN_AN_HOUR, "date": "Mon, 23 Nov 2026 12:45:00 GMT"}, timedelta(minutes=15)),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "no-store", "expires": IN_AN_HOUR}, None),
        ({"cache-control": "max-age=0", "expires": IN_AN_HOUR}, None),
        ({"cache-control": "max-age=-1"}, None),
        ({"expires": "0"}, None),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 -0800"}, None),
        ({"expires": IN_AN_HOUR, "date": "Fri, 31 Dec 9999 23:59:59 -0800"}, timedelta(hours=1)),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, DAY),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_freshness(headers: Mapping[str, str], fresh: timedelta | None) -> None:
    assert max_age(headers, NOW) == fresh


def test_validators_are_whole_or_absent() -> None:
    assert validators_of({"etag": 'W/"a  b"', "last-modified": "yesterday"}) == Validators('W/"a  b"', "yesterday")
    assert validators_of({"etag": '"' + "x" * 5000 + '"'}) == Validators()


@pytest.mark.parametrize(
    ("status", "headers", "body", "wall"),
    [
        (403, {"cf-mitigated": "challenge"}, b"", "Cloudflare"),
        (503, {}, b"<script src=/cdn-cgi/challenge-platform/h/x.js>", "Cloudflare"),
        (405, {"x-amzn-waf-action": "captcha"}, b"", "AWS WAF"),
        (403, {"x-datadome": "protected"}, b"", "DataDome"),
        (403, {}, b"<html>Forbidden</html>", ""),
        (404, {}, b"see /cdn-cgi/challenge-platform/", ""),
        (200, {}, b"<rss/>", ""),
    ],
)
def test_bot_walls_are_named(status: int, headers: Mapping[str, str], body: bytes, wall: str) -> None:
    assert bot_wall(HttpAnswer(status, headers, body, "https://a.example/")) == wall


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (429, {}, FetchProblemKind.THROTTLED),
        (429, {"retry-after": "60"}, FetchProblemKind.THROTTLED),
        (503, {"retry-after": "60"}, FetchProblemKind.THROTTLED),
        (403, {"retry-after": "60"}, FetchProblemKind.THROTTLED),
        (503, {"retry-after": "soon"}, FetchProblemKind.HTTP_STATUS),
        (503, {}, FetchProblemKind.HTTP_STATUS),
        (410, {}, FetchProblemKind.GONE),
        (429, {"cf-mitigated": "challenge"}, FetchProblemKind.BOT_WALL),
        (404, {}, FetchProblemKind.HTTP_STATUS),
        (401, {}, FetchProblemKind.HTTP_STATUS),
        (204, {}, FetchProblemKind.HTTP_STATUS),
        (302, {}, FetchProblemKind.HTTP_STATUS),
        (799, {}, FetchProblemKind.HTTP_STATUS),
    ],
)
def test_status_becomes_a_problem_that_names_host_and_status(
    status: int, headers: Mapping[str, str], kind: FetchProblemKind
) -> None:
    problem = problem_of(HttpAnswer(status, headers, b"", "https://a.example/"), "a.example", NOW)
    assert (problem.kind, problem.status) == (kind, status)
    assert problem.message.startswith("a.example ")
