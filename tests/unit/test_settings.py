"""Settings come from the environment, say what is wrong with them, and are never unsafe in production."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import DEFAULT_SECRETS, Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
OWN_SECRETS = {f"FRONTDESK_{name.upper()}": f"our-own-{name}-that-nobody-else-knows" for name in DEFAULT_SECRETS}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and no .env file."""
    for name in [name for name in os.environ if name.upper().startswith("FRONTDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def production(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {"FRONTDESK_ENV": "production", **OWN_SECRETS, **changes}.items():
        monkeypatch.setenv(name, value)


def problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())


def test_without_any_setting_the_desk_runs_on_this_machine_alone() -> None:
    settings = Settings()
    assert (settings.env, settings.host, settings.port) == ("development", "127.0.0.1", 8000)
    assert settings.database_url.startswith("sqlite:///var/")
    assert settings.identity_secret == "development-identity-secret-change-me"


def test_a_setting_is_taken_from_the_environment_in_its_own_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_PORT", "8100")
    monkeypatch.setenv("FRONTDESK_RASA_TIMEOUT_S", "2.5")
    monkeypatch.setenv("FRONTDESK_INDEX", "/srv/index")
    settings = Settings()
    assert (settings.port, settings.rasa_timeout_s, settings.index) == (8100, 2.5, Path("/srv/index"))


def test_a_setting_is_taken_from_the_env_file_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("FRONTDESK_PORT=8200\nFRONTDESK_HOST=0.0.0.0\nOTHER_PROGRAM=1\n")
    monkeypatch.setenv("FRONTDESK_PORT", "8300")
    settings = Settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 8300)


def test_production_starts_with_secrets_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    production(monkeypatch)
    assert Settings().env == "production"


@pytest.mark.parametrize("name", DEFAULT_SECRETS)
def test_production_refuses_every_default_secret_and_names_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    production(monkeypatch, **{f"FRONTDESK_{name.upper()}": DEFAULT_SECRETS[name]})
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert f"FRONTDESK_{name.upper()}" in problems(refused.value)
    others = [f"FRONTDESK_{other.upper()}" for other in DEFAULT_SECRETS if other != name]
    assert not [other for other in others if other in problems(refused.value)]


def test_production_without_any_secret_names_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_ENV", "production")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert all(f"FRONTDESK_{name.upper()}" in problems(refused.value) for name in DEFAULT_SECRETS)


@pytest.mark.parametrize("name", DEFAULT_SECRETS)
def test_production_refuses_an_empty_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """With an empty one anybody could sign, and an empty header would open the doors."""
    production(monkeypatch, **{f"FRONTDESK_{name.upper()}": ""})
    with pytest.raises(ValidationError):
        Settings()


def test_production_refuses_a_clock_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    production(monkeypatch, FRONTDESK_CLOCK="2026-03-16T09:00:00Z")
    with pytest.raises(ValidationError, match="FRONTDESK_CLOCK"):
        Settings()


def test_a_refusal_does_not_print_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    production(monkeypatch, FRONTDESK_STAFF_TOKEN=DEFAULT_SECRETS["staff_token"])
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert OWN_SECRETS["FRONTDESK_IDENTITY_SECRET"] not in problems(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("RASA_TIMEOUT_S", "0"),
        ("MESSAGES_PER_MINUTE", "0"),
        ("CONVERSATIONS_PER_MINUTE", "-1"),
        ("CLOCK", "2026-03-16T09:00:00"),
        ("CLOCK", "yesterday"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"FRONTDESK_{name}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert problems(refused.value).startswith(f"{name.lower()}: ") or refused.value.errors()[0]["loc"] == (
        f"FRONTDESK_{name}",
    )


def test_the_clock_stands_still_where_it_was_set_and_runs_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(Settings().now() - datetime.now(UTC)) < timedelta(seconds=5)
    monkeypatch.setenv("FRONTDESK_CLOCK", "2026-03-16T09:00:00-05:00")
    now = Settings().now()
    assert now == datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
    assert now.utcoffset() == timedelta()


@pytest.mark.parametrize("name", ["CLOCK", "POLICY", "REDIS_URL"])
def test_an_empty_value_of_a_setting_that_may_be_missing_means_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"FRONTDESK_{name}", "")
    assert not getattr(Settings(), name.lower())


def test_every_setting_says_what_it_is_for() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]


def test_every_setting_is_in_the_example_file_and_nothing_else_is() -> None:
    named = re.findall(r"^#?\s?(FRONTDESK_[A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    expected = {f"FRONTDESK_{name.upper()}" for name in Settings.model_fields}
    assert set(named) == expected, f"missing: {sorted(expected - set(named))}; unknown: {sorted(set(named) - expected)}"
    assert len(named) == len(set(named))


def test_the_example_file_is_good_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"))
    assert Settings() == Settings(_env_file=None)
