"""Nobody sends more than their share of a minute, and everybody else is left alone."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.gateway.messages import TurnRefused
from bot.gateway.rate_limit import RateLimiter


async def test_a_minutes_share_is_taken_and_the_next_one_is_refused_with_the_time_to_wait() -> None:
    limiter = RateLimiter("messages", 3)
    for _ in range(3):
        await limiter.take("ours")
    with pytest.raises(TurnRefused) as refused:
        await limiter.take("ours")
    assert (refused.value.code, refused.value.status) == ("rate_limited", 429)
    assert refused.value.retry_after_s is not None
    assert 1 <= refused.value.retry_after_s <= 60
    assert f"wait {refused.value.retry_after_s} seconds" in refused.value.detail


async def test_one_that_used_up_its_share_does_not_slow_the_others() -> None:
    limiter = RateLimiter("messages", 1)
    await limiter.take("ours")
    await limiter.take("theirs")
    with pytest.raises(TurnRefused):
        await limiter.take("ours")


async def test_two_limits_do_not_count_together() -> None:
    messages, conversations = RateLimiter("messages", 1), RateLimiter("conversations", 1)
    await messages.take("ours")
    await conversations.take("ours")


async def test_at_once_no_more_get_through_than_one_after_the_other() -> None:
    limiter = RateLimiter("messages", 5)
    results = await asyncio.gather(*(limiter.take("ours") for _ in range(20)), return_exceptions=True)
    assert sum(result is None for result in results) == 5


async def test_a_minute_later_the_share_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter("messages", 1)
    await limiter.take("ours")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 59)
    with pytest.raises(TurnRefused) as refused:
        await limiter.take("ours")
    assert refused.value.retry_after_s == 1
    monkeypatch.setattr(time, "time", lambda: real() + 61)
    await limiter.take("ours")
