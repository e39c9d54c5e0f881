"""The product's own policy, and a way to write it with one text changed, for every test of the policy."""

from collections.abc import Callable
from pathlib import Path

import pytest

import bot.policy.policy
from bot.policy.policy import Policy, load_policy

OWN_FILE = Path(bot.policy.policy.__file__).with_name("policy.yml")


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture
def write_policy(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes the product's policy file with its one occurrence of the first text replaced by the second."""

    def write(old: str, new: str) -> Path:
        text = OWN_FILE.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the policy file"
        file = tmp_path / "policy.yml"
        file.write_text(text.replace(old, new), encoding="utf-8")
        return file

    return write
