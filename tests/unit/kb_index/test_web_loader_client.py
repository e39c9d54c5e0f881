from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from kb_index.errors import SourceError
from kb_index.loaders.web.addresses import Site
from kb_index.loaders.web.client import USER_AGENT, PoliteClient, Unreachable, Validators
from kb_index.loaders.web.robots import Robots, read_robots
from kb_index.loaders.web.settings import CrawlSettings
from tests.fakes.help_site import HelpSite, Reply, help_site

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SETTINGS = CrawlSettings(crawl_delay_s=0.0, timeout_s=0.5, page_deadline_s=1.0, backoff_s=2.0)
BUSY = Reply(b"busy", 503)


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def monotonic(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(clock: Clock, settings: CrawlSettings = SETTINGS) -> PoliteClient:
    return PoliteClient(settings, sleep=clock.sleep, monotonic=clock.monotonic, now=lambda: NOW)


def test_a_page_comes_with_what_its_headers_say(site: HelpSite, clock: Clock) -> None:
    changed = datetime(2026, 11, 5, 8, 30, tzinfo=UTC)
    headers = {"X-Robots-Tag": "noarchive"}
    site.put("/a", "Hello", "Text/HTML; charset=utf-8", etag='"1"', last_modified=changed, headers=headers)
    with client(clock) as line:
        reply = line.get(f"{site.url}/a", max_bytes=10)
    assert (reply.status, reply.body, reply.refusal) == (200, b"Hello", "")
    assert (reply.etag, reply.last_modified) == ('"1"', "Thu, 05 Nov 2026 08:30:00 GMT")
    assert (reply.content_type, reply.robots_tag) == ("Text/HTML; charset=utf-8", "noarchive")
    assert site.requests[0].headers["User-Agent"] == USER_AGENT == "FrontdeskBot"


def test_the_pause_is_kept_between_all_requests_and_not_before_the_first(site: HelpSite, clock: Clock) -> None:
    site.put("/a", "Hello")
    with client(clock, replace(SETTINGS, crawl_delay_s=1.5)) as line:
        for _ in range(3):
            line.get(f"{site.url}/a", max_bytes=10)
        assert clock.slept == [1.5, 1.5]
        clock.time += 1.0
        line.get(f"{site.url}/a", max_bytes=10)
    assert clock.slept == [1.5, 1.5, 0.5]


def test_a_busy_server_is_given_the_time_it_asks_for(site: HelpSite, clock: Clock) -> None:
    site.put("/a", "Hello")
    later = format_datetime(NOW + timedelta(seconds=30), usegmt=True)
    site.script["/a"] = [
        Reply(status=429, headers={"Retry-After": "7"}),
        Reply(status=503, headers={"Retry-After": later}),
        Reply(status=503, headers={"Retry-After": "in a while"}),
    ]
    with client(clock) as line:
        assert line.get(f"{site.url}/a", max_bytes=10).body == b"Hello"
    assert clock.slept == [7.0, 30.0, 8.0]


def test_a_failing_server_is_asked_a_few_times_with_longer_and_longer_pauses(site: HelpSite, clock: Clock) -> None:
    site.replies["/a"] = BUSY
    with client(clock) as line, pytest.raises(Unreachable, match=r"answered 503 \(4 tries\)"):
        line.get(f"{site.url}/a", max_bytes=10)
    assert clock.slept == [2.0, 4.0, 8.0]
    assert site.hits["/a"] == 4


def test_nobody_waits_an_hour_because_a_server_says_so(site: HelpSite, clock: Clock) -> None:
    site.replies["/a"] = Reply(status=503, headers={"Retry-After": "3600"})
    with client(clock) as line, pytest.raises(Unreachable, match="503 and asks to wait 3600 s"):
        line.get(f"{site.url}/a", max_bytes=10)
    assert clock.slept == []
    assert site.hits["/a"] == 1


@pytest.mark.parametrize("first", [Reply(status=500), Reply(b"Hello" * 99, cut_after=7), Reply(b"Hello", delay_s=0.8)])
def test_a_failure_that_passes_is_not_noticed(site: HelpSite, clock: Clock, first: Reply) -> None:
    site.put("/a", "Hello")
    site.script["/a"] = [first]
    with client(clock) as line:
        assert line.get(f"{site.url}/a", max_bytes=1_000).body == b"Hello"
    assert site.hits["/a"] == 2


def test_a_server_that_is_not_there_is_said_to_be_unreachable(clock: Clock) -> None:
    with help_site() as gone:
        address = gone.url
    with client(clock) as line, pytest.raises(Unreachable, match=r"could not be fetched: .*refused"):
        line.get(address, max_bytes=10)


def test_a_server_that_drips_is_not_waited_for(site: HelpSite) -> None:
    site.put("/a", "x" * 20_000, piece_delay_s=0.2)
    with PoliteClient(SETTINGS) as line, pytest.raises(Unreachable, match="not complete after 1 s"):
        line.get(f"{site.url}/a", max_bytes=100_000)
    assert site.hits["/a"] == 1


@pytest.mark.parametrize("body", [b"x" * 5_000_001, gzip.compress(b"x" * 5_000_001)])
def test_a_page_larger_than_the_limit_is_not_taken(site: HelpSite, clock: Clock, body: bytes) -> None:
    packed = {"Content-Encoding": "gzip"} if len(body) < 100_000 else {}
    site.put("/a", body, headers=packed)
    with client(clock) as line:
        reply = line.get(f"{site.url}/a", max_bytes=5_000_000)
    assert (reply.body, reply.too_large, reply.refusal) == (b"", True, "is larger than 5,000,000 bytes")


def test_a_page_without_end_is_dropped_at_the_limit(site: HelpSite, clock: Clock) -> None:
    site.put("/a", "x" * 65_536, endless=True)
    with client(clock) as line:
        assert line.get(f"{site.url}/a", max_bytes=1_000_000).too_large


def test_compressed_pages_are_asked_for_and_unpacked(site: HelpSite, clock: Clock) -> None:
    site.put("/a", gzip.compress(b"Hello"), headers={"Content-Encoding": "gzip"})
    with client(clock) as line:
        assert line.get(f"{site.url}/a", max_bytes=10).body == b"Hello"
    assert site.requests[0].headers["Accept-Encoding"] == "gzip"


def test_a_compression_that_nobody_asked_for_is_no_answer(site: HelpSite, clock: Clock) -> None:
    site.put("/a", b"...", headers={"Content-Encoding": "br"})
    with client(clock) as line, pytest.raises(Unreachable, match="Content-Encoding 'br'"):
        line.get(f"{site.url}/a", max_bytes=10)


def test_what_is_not_wanted_is_not_downloaded(site: HelpSite, clock: Clock) -> None:
    site.put("/a", b"%PDF" * 100, "application/pdf")
    with client(clock) as line:
        reply = line.get(f"{site.url}/a", max_bytes=10, wants=lambda media_type: media_type == "text/html")
    assert (reply.body, reply.refusal) == (b"", "is not an HTML page (application/pdf)")


def test_an_unchanged_page_is_not_sent_again(site: HelpSite, clock: Clock) -> None:
    site.put("/a", "Hello", etag='"1"')
    with client(clock) as line:
        reply = line.get(f"{site.url}/a", max_bytes=10, validators=Validators(etag='"1"'))
    assert (reply.status, reply.body) == (304, b"")
    assert not reply.is_redirect


def test_redirects_are_handed_back_and_never_followed(site: HelpSite, clock: Clock) -> None:
    site.redirect("/a", "/b", 302)
    with client(clock) as line:
        reply = line.get(f"{site.url}/a", max_bytes=10)
    assert (reply.is_redirect, reply.location) == (True, "/b")
    assert site.hits == {"/a": 1}


def test_headers_cannot_write_on_the_terminal(site: HelpSite, clock: Clock) -> None:
    site.redirect("/a", "https://other.example/\x1b[2J\x9bx")
    with client(clock) as line:
        assert line.get(f"{site.url}/a", max_bytes=10).location == "https://other.example/[2Jx"


def test_cookies_of_one_page_do_not_change_the_next(site: HelpSite, clock: Clock) -> None:
    site.put("/a", "Hello", headers={"Set-Cookie": "language=de; Path=/"})
    with client(clock) as line:
        line.get(f"{site.url}/a", max_bytes=10)
        line.get(f"{site.url}/a", max_bytes=10)
    assert "Cookie" not in site.requests[1].headers


def rules(site: HelpSite, clock: Clock) -> Robots:
    with client(clock) as line:
        return read_robots(line, Site.around(f"{site.url}/"))


def test_robots_rules_for_this_program_count_before_those_for_everybody(site: HelpSite, clock: Clock) -> None:
    site.robots(
        "User-agent: *\nDisallow: /\n\n"
        "User-agent: frontdeskbot\nDisallow: /private/\nDisallow: /*.php$\nDisallow: /*?print=\nAllow: /private/faq\n"
        "Crawl-delay: 2.5\n"
    )
    robots = rules(site, clock)
    allowed = ["/en/a", "/private/faq", "/a.php?x=1"]
    closed = ["/private/b", "/a.php", "/en/a?print=1"]
    assert [path for path in allowed + closed if robots.allows(site.url + path)] == allowed
    assert robots.delay_s == 2.5


def test_a_byte_order_mark_does_not_hide_the_first_rule(site: HelpSite, clock: Clock) -> None:
    site.robots("\ufeffUser-agent: *\nDisallow: /private/\n")
    assert not rules(site, clock).allows(f"{site.url}/private/a")


def test_a_request_rate_is_a_pause_too() -> None:
    assert Robots("User-agent: *\nRequest-rate: 2/10s\nCrawl-delay: 1").delay_s == 5.0


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_without_robots_txt_everything_is_allowed(site: HelpSite, clock: Clock, status: int) -> None:
    site.robots("gone", status=status)
    robots = rules(site, clock)
    assert robots.allows(f"{site.url}/a")
    assert robots.delay_s == 0.0


def test_a_page_in_place_of_robots_txt_forbids_nothing(site: HelpSite, clock: Clock) -> None:
    site.put("/robots.txt", "<!doctype html><h1>Welcome</h1>")
    assert rules(site, clock).allows(f"{site.url}/a")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_nothing_is_read_while_robots_txt_cannot_be(site: HelpSite, clock: Clock, status: int) -> None:
    site.robots("oops", status=status)
    with pytest.raises(SourceError, match=rf"/robots.txt answered {status}.*nobody knows which pages may be read"):
        rules(site, clock)


def test_robots_txt_is_followed_on_its_host_but_not_to_another(site: HelpSite, clock: Clock) -> None:
    site.redirect("/robots.txt", "/files/robots.txt")
    site.put("/files/robots.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    assert not rules(site, clock).allows(f"{site.url}/closed")
    site.redirect("/robots.txt", "https://other.example/robots.txt")
    with pytest.raises(SourceError, match=r"redirects to another host \(https://other.example/robots.txt\)"):
        rules(site, clock)
    site.redirect("/robots.txt", "/robots.txt?again")
    site.redirect("/robots.txt?again", "/robots.txt")
    with pytest.raises(SourceError, match="more than 5 times"):
        rules(site, clock)


def test_a_pause_that_would_take_weeks_is_refused_and_not_ignored(site: HelpSite, clock: Clock) -> None:
    site.robots("User-agent: *\nCrawl-delay: 3600")
    with pytest.raises(SourceError, match="pause 3600 s between pages"):
        rules(site, clock)


def test_a_setting_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="max_pages must not be negative, not -1"):
        CrawlSettings(max_pages=-1)
    with pytest.raises(ValueError, match="begins with '/'"):
        CrawlSettings(below="help")
