"""Addresses of a site: one spelling for each page, what belongs to the site, and shapes that never end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from kb_index.errors import SourceError

MAX_LENGTH = 2_000
_MAX_SAME_SEGMENTS = 3

_TRACKING = re.compile(
    r"utm_\w+|[gd]clid|[gw]braid|fbclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|_hsenc|_hsmi|hsctatracking|mkt_tok"
    r"|ref_src|phpsessid|jsessionid",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";jsessionid=[^/]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])\d+(?![A-Za-z0-9])")
_OTHER_FILES = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|ico|bmp|css|js|mjs|json|xml|gz|zip|rar|7z|tar|pdf|docx?|xlsx?|pptx?|odt|ods|csv|txt"
    r"|mp[34]|m4[av]|webm|avi|mov|wav|ogg|woff2?|ttf|eot|exe|msi|dmg|apk|rss|atom)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class BadAddress(ValueError):
    """An address that is not one of a web page; the text says why."""


def canonical(address: str, base: str = "") -> str:
    """One spelling of an http(s) address: host in lower case, no fragment, no tracking parameter, query sorted.

    `base` is the address of the page that holds it. Raises BadAddress.
    """
    try:
        joined = urljoin(base, address.strip())
        # Only this one refuses a broken IPv6 host.
        urlsplit(joined)
        parsed = httpx2.URL(joined)
    except (ValueError, TypeError, httpx2.InvalidURL) as error:
        raise BadAddress(f"not an address: {error}") from error
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host:
        raise BadAddress("only http:// and https:// addresses with a host can be read")
    if parsed.userinfo:
        raise BadAddress("holds a user name or password; remove it")
    path, _, query = parsed.raw_path.decode("ascii").partition("?")
    path = _PATH_SESSION.sub("", _ESCAPE.sub(_plainest, path)) or "/"
    kept = sorted(part for part in query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0]))
    tail = "?" + _ESCAPE.sub(_plainest, "&".join(kept)) if kept else ""
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}{path}{tail}"


def _plainest(escape: re.Match[str]) -> str:
    character = unquote(escape.group(), encoding="latin-1")
    return character if _UNRESERVED.fullmatch(character) else escape.group().upper()


def source_address(address: str) -> str:
    """The canonical spelling of an address that a person gave. Raises SourceError."""
    try:
        return canonical(address)
    except BadAddress as error:
        # The address itself is not repeated when it may hold a password.
        shown = "the address of the site" if "@" in address else address
        raise SourceError(f"cannot load {shown}: {error}") from error


def path_of(address: str) -> str:
    """The path of a canonical address, without its query."""
    return "/" + address.split("/", 3)[3].partition("?")[0]


def endless_shape(address: str) -> str:
    """What a canonical address has in common with its endless siblings (calendars, filters), or "" for a plain one.

    Numbers become '#', query values are dropped. Plain are addresses without a query and with one number at most:
    article numbers are no sign of a calendar, a year and a month are.
    """
    shape, numbers = _NUMBER.subn("#", path_of(address))
    names = sorted({part.partition("=")[0] for part in address.partition("?")[2].split("&") if part})
    if not names and numbers < 2:
        return ""
    return shape + ("?" + "&".join(names) if names else "")


def is_runaway(address: str) -> bool:
    """Whether a canonical address grew as those do that a wrong relative link makes: /a/b/a/b/a/b/a/b."""
    segments = Counter(segment for segment in path_of(address).split("/") if segment)
    return len(address) > MAX_LENGTH or any(count > _MAX_SAME_SEGMENTS for count in segments.values())


def names_other_file(address: str) -> bool:
    """Whether the path ends like that of a picture, a document or a script, which is not worth a request."""
    return _OTHER_FILES.search(path_of(address)) is not None


@dataclass(frozen=True, slots=True)
class Site:
    """One host, and the folder on it whose pages are wanted."""

    origin: str
    """scheme://host[:port]"""
    below: str = "/"

    @classmethod
    def around(cls, address: str, below: str = "") -> Site:
        """The site of a canonical address; without `below`, the folder is that of the address."""
        origin = "/".join(address.split("/", 3)[:3])
        return cls(origin, below or path_of(address).rpartition("/")[0] + "/")

    def page(self, address: str, base: str = "") -> str | None:
        """The canonical spelling of an address on this host, wherever on it; None for anything else.

        http and https on their usual ports are one host, spelled with the scheme of the site.
        """
        spelled = self.target(address, base)
        return None if spelled is None else self.origin + "/" + spelled.split("/", 3)[3]

    def target(self, address: str, base: str = "") -> str | None:
        """The same with the scheme it has: a redirect from http to https must not lead back to http."""
        try:
            spelled = canonical(address, base)
        except BadAddress:
            return None
        if spelled.startswith(self.origin + "/"):
            return spelled
        own, other = httpx2.URL(self.origin), httpx2.URL(spelled)
        # A usual port is dropped by the canonical spelling.
        return spelled if own.host == other.host and own.port is None and other.port is None else None

    def wants(self, page: str) -> bool:
        """Whether a page of this host is in the wanted folder."""
        return path_of(page).startswith(self.below)
