"""From when on a report looks, in the ways people say it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.desk.gap_report import Gap, GapsReport, Nearest, SinceInvalid, since_instant
from tests.support.rows import NOW


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("30d", NOW - timedelta(days=30)),
        (" 4W ", NOW - timedelta(weeks=4)),
        ("12 h", NOW - timedelta(hours=12)),
        ("0d", NOW),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T09:00:00Z", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01T09:00:00+02:00", datetime(2026, 3, 1, 7, tzinfo=UTC)),
    ],
)
def test_a_time_is_understood_as_a_span_a_date_or_an_instant(text: str, instant: datetime) -> None:
    assert since_instant(text, NOW) == instant
    assert since_instant(text, NOW).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected e.g. 30d"),
        ("yesterday", "expected e.g. 30d"),
        ("-3d", "expected e.g. 30d"),
        ("30", "expected e.g. 30d"),
        ("99999w", "expected e.g. 30d"),
        ("2026-02-30", "expected e.g. 30d"),
        ("0001-01-01T00:00:00+14:00", "expected e.g. 30d"),
        ("2026-03-01T09:00:00", "has no time zone; expected e.g. 2026-03-01T09:00:00Z"),
        ("2026-03-17", "lies in the future"),
    ],
)
def test_what_is_no_time_is_refused_with_what_is_expected(text: str, reason: str) -> None:
    with pytest.raises(SinceInvalid) as refused:
        since_instant(text, NOW)
    assert repr(text) in str(refused.value) and reason in str(refused.value)


def test_a_report_is_json_as_it_is() -> None:
    near = Nearest("void", "Void a check", "en", "/articles/en/void", 0.1)
    gap = Gap("en", 2, 1, 0.5, 1, 1, 0, ["pay in bitcoin"], NOW, near)
    report = GapsReport(NOW - timedelta(days=30), NOW, None, 4, 2, 1, 0, 0, 0, 0, [gap])
    body = json.loads(json.dumps(report.public()))
    assert body["until"] == "2026-03-16T14:00:00+00:00"
    assert body["gaps"][0]["last_asked"] == "2026-03-16T14:00:00+00:00"
    assert body["gaps"][0]["nearest"]["title"] == "Void a check"
    assert body["language"] is None
