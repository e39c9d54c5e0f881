"""What robots.txt allows this program to read, and how slowly (RFC 9309)."""

from __future__ import annotations

from protego import Protego

from kb_index.errors import SourceError
from kb_index.loaders.web.addresses import Site
from kb_index.loaders.web.client import USER_AGENT, PoliteClient, Unreachable

_MAX_BYTES = 512_000
"""RFC 9309, 2.5: at least 500 KiB have to be read."""
_MAX_HOPS = 5
_LONGEST_DELAY_S = 60.0


class Robots:
    """The rules of one host for FrontdeskBot."""

    def __init__(self, text: str = "") -> None:
        self._rules = Protego.parse(text)

    def allows(self, address: str) -> bool:
        return self._rules.can_fetch(address, USER_AGENT)

    @property
    def delay_s(self) -> float:
        """The longer of Crawl-delay and Request-rate, in seconds; 0 without either."""
        rate = self._rules.request_rate(USER_AGENT)
        pause = rate.seconds / rate.requests if rate is not None and rate.requests else 0.0
        return max(self._rules.crawl_delay(USER_AGENT) or 0.0, pause)


def read_robots(client: PoliteClient, site: Site) -> Robots:
    """Fetches the rules of the site's host; a 4xx means that there are none (RFC 9309, 2.3.1.3).

    Raises SourceError when they cannot be fetched (what is forbidden is not known then), when they are on another
    host, and when they ask for a pause of more than a minute.
    """
    address = f"{site.origin}/robots.txt"
    text = _fetch(client, site, address)
    robots = Robots(text)
    if robots.delay_s > _LONGEST_DELAY_S:
        raise SourceError(
            f"{address} asks {USER_AGENT} to pause {robots.delay_s:g} s between pages, too long to read a site; "
            f"allow it a shorter Crawl-delay there ({_LONGEST_DELAY_S:g} s at most)"
        )
    return robots


def _fetch(client: PoliteClient, site: Site, address: str) -> str:
    asked = address
    for _ in range(_MAX_HOPS + 1):
        try:
            reply = client.get(asked, max_bytes=_MAX_BYTES)
        except Unreachable as error:
            raise SourceError(
                f"cannot crawl {site.origin}: {address} {error}; without it nobody knows which pages may be read"
            ) from error
        if not reply.is_redirect:
            break
        target = site.target(reply.location, asked)
        if target is None:
            raise SourceError(f"cannot crawl {site.origin}: {address} redirects to another host ({reply.location})")
        asked = target
    else:
        raise SourceError(f"cannot crawl {site.origin}: {address} redirects more than {_MAX_HOPS} times")
    if reply.too_large:
        raise SourceError(f"cannot crawl {site.origin}: {address} {reply.refusal}")
    if reply.status == 200:
        return reply.body.decode("utf-8-sig", errors="replace")
    if 400 <= reply.status < 500:
        return ""
    raise SourceError(f"cannot crawl {site.origin}: {address} answered {reply.status}, which is no answer to act on")
