"""Every setting of the app process, typed; environment or `.env`, prefix FRONTDESK_. `.env.example` lists them all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRETS = {
    "rasa_secret": "development-rasa-secret-change-me",
    "action_secret": "development-action-secret-change-me",
    "identity_secret": "development-identity-secret-change-me",
    "staff_token": "development-staff-token-change-me",
}
SHORTEST_SECRET = 16


class Settings(BaseSettings):
    """Refuses to exist with FRONTDESK_ENV=production and a default secret or a frozen clock."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", env_file=".env", extra="ignore")

    env: Literal["development", "production"] = Field("development", description="development or production")
    host: str = Field("127.0.0.1", description="address the app listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the app listens on")
    database_url: str = Field("sqlite:///var/frontdesk.db", description="SQLite file or PostgreSQL URL")
    redis_url: str = Field("", description="empty: rate limits are kept in the process")
    rasa_url: str = Field("http://127.0.0.1:5005", description="where the Rasa process listens")
    rasa_timeout_s: float = Field(20.0, gt=0, description="seconds a turn may take before the user is asked to retry")
    rasa_secret: str = Field(DEFAULT_SECRETS["rasa_secret"], description="shared with Rasa's gateway channel")
    rasa_database: Path = Field(Path("var/rasa.db"), description="SQLite file of Rasa's conversations")
    action_secret: str = Field(DEFAULT_SECRETS["action_secret"], description="Rasa shows it when it calls actions")
    identity_secret: str = Field(
        DEFAULT_SECRETS["identity_secret"], description="signs the host page's identity tokens"
    )
    staff_token: str = Field(DEFAULT_SECRETS["staff_token"], description="bearer token of the staff API")
    mail_url: str = Field("console://", description="console:// or smtp://user:password@host:port")
    mail_from: str = Field("Support desk <support@help.example>", description="sender of the desk's e-mails")
    index: Path = Field(Path("kb_index/index"), description="directory of the knowledge index")
    encoder: str = Field("bundled", description="bundled, or a sentence-transformers name or path; `make` builds it")
    encoder_dir: Path = Field(Path("models/encoder"), description="directory of the built encoder")
    policy: Path | None = Field(None, description="another policy file than bot/policy/policy.yml")
    attachments: Path = Field(Path("var/attachments"), description="folder of the uploaded files")
    clock: datetime | None = Field(None, description="a frozen ISO instant, development only")
    messages_per_minute: int = Field(30, ge=1, description="messages a conversation may send in a minute")
    conversations_per_minute: int = Field(600, ge=1, description="conversations an address may start in a minute")

    @field_validator("clock", mode="before")
    @classmethod
    def _empty_clock_runs(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("policy", mode="before")
    @classmethod
    def _empty_policy_is_ours(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("clock")
    @classmethod
    def _clock_has_a_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a time zone, e.g. 2026-03-16T09:00:00Z")
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.env == "production":
            weak = [
                f"FRONTDESK_{name.upper()}"
                for name, default in DEFAULT_SECRETS.items()
                if getattr(self, name) == default or len(getattr(self, name)) < SHORTEST_SECRET
            ]
            if weak:
                raise ValueError(
                    f"production refuses the default or short value of {', '.join(weak)}: "
                    f"set secrets of your own with at least {SHORTEST_SECRET} characters"
                )
            if self.clock is not None:
                raise ValueError("production refuses FRONTDESK_CLOCK: time must not stand still")
        return self

    def now(self) -> datetime:
        """The desk's current instant (UTC)."""
        return self.clock.astimezone(UTC) if self.clock else datetime.now(UTC)
