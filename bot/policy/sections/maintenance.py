"""Weekly maintenance windows (policy: "Maintenance"); `bot.policy.maintenance` puts them on the calendar."""

from collections.abc import Iterator
from itertools import combinations
from typing import Self

from pydantic import model_validator

from bot.policy.sections.hours import minute_of_day
from bot.policy.values import ClockTime, ClosingTime, Identifier, Section, Weekday, Zone, problem, reject

_DAY = 24 * 60
_WEEK = 7 * _DAY


class WeeklyWindow(Section):
    """From `starts` on `weekday` to the next `ends`, which is on the following day where it is not after `starts`."""

    product: Identifier
    weekday: Weekday
    starts: ClockTime
    ends: ClosingTime

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.ends == self.starts:
            reject([problem(["ends"], "expected a time other than 'starts'", self.ends.isoformat("minutes"))])
        return self

    @property
    def passes_midnight(self) -> bool:
        """Whether it ends on the day after `weekday`; midnight itself belongs to that day."""
        return self.ends < self.starts

    def minutes_of_week(self) -> tuple[int, int]:
        """Start and end in minutes since Monday 00:00; the end may lie beyond Sunday."""
        day = self.weekday.number * _DAY
        return day + minute_of_day(self.starts), day + minute_of_day(self.ends) + (_DAY if self.passes_midnight else 0)


class MaintenanceSection(Section):
    """Windows in the local time of `zone`; those of one product do not overlap. The list may be empty."""

    zone: Zone
    windows: tuple[WeeklyWindow, ...]

    @model_validator(mode="after")
    def _windows_of_a_product_do_not_overlap(self) -> Self:
        reject(
            [
                problem(
                    ["windows", later],
                    f"overlaps with window {earlier}; expected separate times for one product",
                    product,
                )
                for earlier, later, product in self._overlaps()
            ]
        )
        return self

    def _overlaps(self) -> Iterator[tuple[int, int, str]]:
        for (earlier, one), (later, other) in combinations(enumerate(self.windows), 2):
            start, end = one.minutes_of_week()
            other_start, other_end = other.minutes_of_week()
            # A window of Sunday night reaches into Monday, which is the beginning of the same week again.
            shifts = (-_WEEK, 0, _WEEK)
            if one.product == other.product and any(start < other_end + s and other_start + s < end for s in shifts):
                yield earlier, later, one.product
