"""Limits how much one conversation or one address may send; counted in the process, or in Redis for several."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool

from bot.gateway.messages import TurnRefused


class RateLimiter:
    """`per_minute` hits for each key; the moving window forgets a hit after a minute."""

    def __init__(self, name: str, per_minute: int, redis_url: str = "") -> None:
        self._pool = ConnectionPool.from_url(redis_url) if redis_url else None
        storage = (
            RedisStorage(f"async+{redis_url}", connection_pool=self._pool, implementation="redispy")
            if self._pool is not None
            else MemoryStorage()
        )
        self._limiter = MovingWindowRateLimiter(storage)
        self._item, self._name = RateLimitItemPerMinute(per_minute), name

    async def take(self, key: str) -> None:
        """Counts one hit; raises TurnRefused (429, `rate_limited`) when the minute's share is used up."""
        if await self._limiter.hit(self._item, self._name, key):
            return
        window = await self._limiter.get_window_stats(self._item, self._name, key)
        wait = max(1, round(window.reset_time - time.time()))
        raise TurnRefused(
            "rate_limited", f"Too many at once: wait {wait} seconds and send it again.", 429, retry_after_s=wait
        )

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
