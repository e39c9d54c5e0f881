"""The one line to the server: a single connection, pauses between requests, patience when it is busy, limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx2

from kb_index.loaders.web.inflate import BadGzip, TooLarge, gather, gunzip
from kb_index.loaders.web.settings import CrawlSettings

USER_AGENT = "FrontdeskBot"
"""The name that robots.txt is searched for."""

_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (408, 425, 429)
_LONGEST_RETRY_AFTER_S = 120.0
"""A longer one is not waited for: the page is listed as a problem."""


class Unreachable(Exception):
    """No usable answer after all tries; the text says what happened last."""


class _Again(Exception):
    """One try failed in a way that may pass; `after_s` is what the server asked to wait, if it did."""

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Validators:
    """What lets the server answer 304 instead of sending a page again; the values of its own headers."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, its headers as the server sent them ("" for those it did not send)."""

    status: int
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    robots_tag: str = ""
    location: str = ""
    """Of a redirect only; it may be relative."""
    body: bytes = b""
    """Decompressed; only of a 200 that is wanted and within the limit."""
    refusal: str = ""
    """Why the body of a 200 was not taken."""
    too_large: bool = False

    @property
    def is_redirect(self) -> bool:
        return bool(self.location)

    @property
    def is_gone(self) -> bool:
        return self.status in (404, 410)


def media_type_of(content_type: str) -> str:
    """The bare media type in lower case, e.g. text/html."""
    return content_type.partition(";")[0].strip().lower()


def _header(response: httpx2.Response, name: str) -> str:
    # Some are shown to people, and control characters can rewrite what a terminal shows.
    return "".join(character for character in response.headers.get(name, "") if character.isprintable())


class PoliteClient:
    """Asks for one address after the other; `delay_s` may be raised when robots.txt asks for it."""

    def __init__(
        self,
        settings: CrawlSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.delay_s = settings.crawl_delay_s
        self._settings = settings
        self._sleep, self._monotonic, self._now = sleep, monotonic, now
        self._answered: float | None = None
        self._client = httpx2.Client(
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            timeout=settings.timeout_s,
            limits=httpx2.Limits(max_connections=1),
            follow_redirects=False,
        )

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(
        self,
        address: str,
        *,
        max_bytes: int,
        wants: Callable[[str], bool] = lambda media_type: True,
        validators: Validators | None = None,
    ) -> Reply:
        """Asks for an address; a body is read only when `wants` its media type. Redirects are not followed.

        Raises Unreachable after a broken connection, a time-out, 429 or a 5xx on every try.
        """
        tries = self._settings.retries + 1
        for attempt in range(tries):
            try:
                return self._try(address, max_bytes, wants, validators or Validators())
            except _Again as failure:
                after_s = failure.after_s
                if after_s is not None and after_s > _LONGEST_RETRY_AFTER_S:
                    raise Unreachable(f"{failure} and asks to wait {after_s:.0f} s") from failure
                if attempt + 1 == tries:
                    raise Unreachable(f"{failure} ({tries} tries)" if tries > 1 else str(failure)) from failure
                self._sleep(self._settings.backoff_s * 2**attempt if after_s is None else after_s)
        raise AssertionError("unreachable: the last try returns or raises")

    def _try(self, address: str, max_bytes: int, wants: Callable[[str], bool], validators: Validators) -> Reply:
        self._pause()
        named = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        # Others cannot be sent; the page is downloaded again.
        headers = {name: value for name, value in named.items() if value and value.isascii()}
        started = self._monotonic()
        try:
            with self._client.stream("GET", address, headers=headers) as response:
                return self._reply(response, max_bytes, wants, started)
        except httpx2.TimeoutException as error:
            raise _Again(f"did not answer within {self._settings.timeout_s:g} s") from error
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise _Again(f"could not be fetched: {' '.join(str(error).split()) or type(error).__name__}") from error
        finally:
            self._answered = self._monotonic()
            # What a page looks like must not depend on which pages were read before.
            self._client.cookies.clear()

    def _pause(self) -> None:
        if self._answered is not None:
            left = self._answered + self.delay_s - self._monotonic()
            if left > 0:
                self._sleep(left)

    def _reply(self, response: httpx2.Response, max_bytes: int, wants: Callable[[str], bool], started: float) -> Reply:
        status = response.status_code
        if status in _BUSY or status >= 500:
            raise _Again(f"answered {status}", self._retry_after(_header(response, "Retry-After")))
        location = _header(response, "Location") if status in _REDIRECTS else ""
        body, refusal, too_large = b"", "", False
        content_type = _header(response, "Content-Type")
        if status == 200:
            if not wants(media_type_of(content_type)):
                refusal = f"is not an HTML page ({media_type_of(content_type) or 'no Content-Type'})"
            else:
                try:
                    body = self._body(response, max_bytes, started)
                except TooLarge as error:
                    refusal, too_large = f"is {error}", True
                except BadGzip as error:
                    raise _Again(str(error)) from error
        return Reply(
            status=status,
            content_type=content_type,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            robots_tag=_header(response, "X-Robots-Tag"),
            location=location,
            body=body,
            refusal=refusal,
            too_large=too_large,
        )

    def _body(self, response: httpx2.Response, max_bytes: int, started: float) -> bytes:
        # Not httpx2's own decoding: it inflates whatever arrives before anybody can count it.
        coding = _header(response, "Content-Encoding").strip().lower()
        pieces = self._in_time(response, started)
        if coding in ("", "identity"):
            return gather(pieces, max_bytes)
        if coding in ("gzip", "x-gzip"):
            return gunzip(pieces, max_bytes)
        raise Unreachable(f"came with Content-Encoding {coding!r}, although only gzip was asked for")

    def _in_time(self, response: httpx2.Response, started: float) -> Iterator[bytes]:
        limit_s = self._settings.page_deadline_s
        for piece in response.iter_raw():
            if self._monotonic() - started > limit_s:
                raise Unreachable(f"was not complete after {limit_s:g} s")
            yield piece

    def _retry_after(self, header: str) -> float | None:
        """Seconds to wait as the header says (RFC 9110, 10.2.3: a number or a date), None when it says nothing."""
        header = header.strip()
        if header.isascii() and header.isdigit():
            return float(header[:9])
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._now()).total_seconds())
