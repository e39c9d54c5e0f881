"""One running desk for all integration tests; each test has conversations of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.client import Desk
from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
def desk(stack: Stack) -> Iterator[Desk]:
    with Desk(stack.base) as client:
        yield client
