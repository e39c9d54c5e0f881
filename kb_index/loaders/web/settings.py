"""How politely and how far a site is read."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """Times are in seconds. Raises ValueError for a negative value.

    An operator chooses the first four; the others are right for every site, and smaller in tests.
    """

    crawl_delay_s: float = 1.0
    """Pause between the end of one answer and the next request; robots.txt can only make it longer."""
    max_pages: int = 10_000
    """Pages asked for in one crawl, redirects included."""
    below: str = ""
    """Only pages whose path starts with this are read; empty: the folder of the start page, or all of a sitemap."""
    allow_shrink: bool = False
    """Accept a crawl with less than half of the articles of the last one, or whose pages mostly failed or are alike."""
    timeout_s: float = 20.0
    """For the connection, and between two pieces of an answer."""
    page_deadline_s: float = 60.0
    """For one answer as a whole, so that a server that drips cannot hold up the crawl."""
    retries: int = 3
    """More tries after 429, a 5xx or a broken connection, before the page is listed as a problem."""
    backoff_s: float = 2.0
    """Pause before the first of these tries when the server names none with Retry-After; it doubles each time."""
    max_depth: int = 20
    """Links from the start page to a page; ends chains such as "next month" in a calendar."""
    max_per_pattern: int = 300
    """Linked addresses that differ only in numbers (two or more of them) or in the values of their query."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and value < 0:
                raise ValueError(f"{field.name} must not be negative, not {value}")
        if self.below and not self.below.startswith("/"):
            raise ValueError(f"below must be a path that begins with '/', not {self.below!r}")
