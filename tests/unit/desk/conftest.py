"""What several tests of the desk share: the described examples, encoded once."""

from __future__ import annotations

import pytest

from bot.desk.described import Described
from kb_index.encoder import Encoder


@pytest.fixture(scope="session")
def described(encoder: Encoder) -> Described:
    return Described(encoder)
