"""The tables. Times are stored in UTC and come back as aware datetimes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    # With names, migrations can change constraints later; SQLite gives none of its own.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}


class Company(Base):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166
    plan: Mapped[str | None] = mapped_column(String(40))
    implemented_by: Mapped[str | None] = mapped_column(String(200))
    is_partner: Mapped[bool] = mapped_column(default=False)

    users: Mapped[list[User]] = relationship(back_populates="company", cascade="all, delete-orphan")


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool]
    designated: Mapped[bool]
    may_authorise: Mapped[bool]
    timezone: Mapped[str] = mapped_column(String(60))  # IANA

    company: Mapped[Company] = relationship(back_populates="users")


class ChannelIdentity(Base):
    """A user of Slack, Teams, … that is known to be one of ours."""

    __tablename__ = "channel_identities"
    __table_args__ = (UniqueConstraint("channel", "tenant", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    tenant: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class Conversation(Base):
    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    language_pinned: Mapped[bool] = mapped_column(default=False)  # the user asked for it, so it stays
    timezone: Mapped[str | None] = mapped_column(String(60))
    page_url: Mapped[str | None] = mapped_column(Text)
    # Who is speaking; set only by desk.identity.
    verified_email: Mapped[str | None] = mapped_column(String(254), index=True)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the dialogue engine last said: form, awaiting, …
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Turn(Base):
    """One message of a user and what came of it; makes a repeated send answer the same."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "client_message_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    client_message_id: Mapped[str] = mapped_column(String(100))
    state: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # None until the turn is answered
    created_at: Mapped[datetime]


class Message(Base):
    __tablename__ = "messages"
    # Without autoincrement SQLite gives the number of a deleted row to the next one.
    __table_args__ = (
        Index("ix_messages_conversation_position", "conversation_id", "position"),
        {"sqlite_autoincrement": True},
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    turn_id: Mapped[str | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(5))  # bot, user or staff
    response: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)  # buttons, articles, case, contact, form
    created_at: Mapped[datetime]


# What a case is about, in the order of the form: what customers wrote, and what they chose.
CASE_TEXTS = (
    "issue_summary",
    "error_message",
    "replication_steps",
    "expected_result",
    "issue_time",
    "affected_users",
    "worked_before",
    "troubleshooting_done",
)
CASE_CHOICES = ("impact_scope", "business_impact", "environment", "case_reason", "application_area")


class Case(Base):
    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_company_state", "company_id", "state"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)  # given right after the row has its id
    opening_key: Mapped[str] = mapped_column(String(100), unique=True)  # the turn that opened it: never twice
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    previous_case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(40))
    priority: Mapped[str] = mapped_column(String(4))
    sla_applies: Mapped[bool]
    issue_summary: Mapped[str] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    replication_steps: Mapped[str | None] = mapped_column(Text)
    expected_result: Mapped[str | None] = mapped_column(Text)
    issue_time: Mapped[str | None] = mapped_column(Text)
    affected_users: Mapped[str | None] = mapped_column(Text)
    worked_before: Mapped[str | None] = mapped_column(Text)
    troubleshooting_done: Mapped[str | None] = mapped_column(Text)
    impact_scope: Mapped[str] = mapped_column(String(40))
    business_impact: Mapped[str] = mapped_column(String(40))
    environment: Mapped[str] = mapped_column(String(40))
    case_reason: Mapped[str] = mapped_column(String(40))
    application_area: Mapped[str] = mapped_column(String(40))
    searched: Mapped[list[Any]] = mapped_column(default=list)  # ids of the articles shown before the case
    opened_at: Mapped[datetime]
    first_response_due: Mapped[datetime | None]
    state_since: Mapped[datetime]

    company: Mapped[Company] = relationship(lazy="joined")
    opened_by: Mapped[User] = relationship(lazy="joined", foreign_keys=[opened_by_id])
    comments: Mapped[list[Comment]] = relationship(
        back_populates="case", lazy="selectin", order_by="Comment.id", cascade="all, delete-orphan"
    )
    attachments: Mapped[list[Attachment]] = relationship(lazy="selectin", order_by="Attachment.created_at")


class Comment(Base):
    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    comment_key: Mapped[str | None] = mapped_column(String(100), unique=True)  # the turn that wrote it: never twice
    author: Mapped[str] = mapped_column(String(10))  # customer, staff or system
    author_email: Mapped[str | None] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(20))  # comment, escalation, reopening, closing
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="comments")


class Attachment(Base):
    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))  # what the user called it; never used as a path
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Search(Base):
    """A question and all that came of it; one that was asked outside a conversation has none."""

    __tablename__ = "searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    query: Mapped[str] = mapped_column(Text)
    articles: Mapped[list[Any]] = mapped_column(default=list)  # ids shown, in the order of their showing
    rejected: Mapped[list[Any]] = mapped_column(default=list)  # ids of those among them that did not help
    answerable: Mapped[bool]
    probability: Mapped[float]
    outcome: Mapped[str | None] = mapped_column(String(20))  # of bot.store.searches; None: nothing followed
    created_at: Mapped[datetime] = mapped_column(index=True)


class OneTimeCode(Base):
    """A code sent to an e-mail address to prove it. Only a keyed hash of the code is kept."""

    __tablename__ = "one_time_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))  # None: the address is not known, nothing was sent
    tries_left: Mapped[int]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class UsedToken(Base):
    """The `jti` of an identity token that was used; kept until the token could no longer be."""

    __tablename__ = "used_tokens"

    jti: Mapped[str] = mapped_column(String(100), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
