"""Weekly opening hours as the policy file writes them; `bot.policy.business_hours` calculates with them."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from bot.policy.values import ClockTime, ClosingTime, Section, Weekday, expected, not_empty, problem, reject, unique


class OpeningSpan(Section):
    """One span of local time, the same on each of its weekdays; a day may have several (a lunch break, say)."""

    weekdays: Annotated[tuple[Weekday, ...], AfterValidator(not_empty), AfterValidator(unique)]
    opens: ClockTime
    closes: ClosingTime

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closing_minute <= minute_of_day(self.opens):
            message = "expected a time after 'opens' on the same day (24:00 at the latest; write a night as two spans)"
            reject([problem(["closes"], message, self.closes.isoformat("minutes"))])
        return self

    @property
    def closes_at_midnight(self) -> bool:
        """Whether `closes` stands for the midnight at the end of the day."""
        return minute_of_day(self.closes) == 0

    @property
    def closing_minute(self) -> int:
        return 24 * 60 if self.closes_at_midnight else minute_of_day(self.closes)


def minute_of_day(clock: ClockTime) -> int:
    return clock.hour * 60 + clock.minute


def _no_overlap(spans: tuple[OpeningSpan, ...]) -> tuple[OpeningSpan, ...]:
    for day in Weekday:
        of_day = sorted((span for span in spans if day in span.weekdays), key=lambda span: minute_of_day(span.opens))
        for earlier, later in pairwise(of_day):
            if minute_of_day(later.opens) < earlier.closing_minute:
                raise expected(
                    f"expected hours that do not overlap, but on {day} {_text(earlier)} and {_text(later)} do"
                )
    return spans


def _text(span: OpeningSpan) -> str:
    closes = "24:00" if span.closes_at_midnight else span.closes.isoformat("minutes")
    return f"{span.opens.isoformat('minutes')}-{closes}"


OpeningHours = Annotated[tuple[OpeningSpan, ...], AfterValidator(not_empty), AfterValidator(_no_overlap)]
"""Spans that do not overlap, in any order; they may touch."""
