"""Where people are helped without a case, and what support does (policy: "Self-service first", "In scope")."""

from typing import Self

from pydantic import model_validator

from bot.policy.values import Count, Flag, Identifier, Identifiers, Section, Url, problem, reject


class SelfServiceChannel(Section):
    """A place for self-service, open to everybody."""

    id: Identifier
    url: Url
    needs_login: Flag


class SelfServiceSection(Section):
    """Channels in the order in which they are recommended."""

    channels: tuple[SelfServiceChannel, ...]
    community_articles_more_than: Count


class StatusPageSection(Section):
    """The status page and its feeds."""

    page: Url
    rss: Url
    atom: Url


class AccountManagerSection(Section):
    """What goes to the account manager and not into a case."""

    handles: Identifiers


class SupportScopeSection(Section):
    """What support does and does not do; `documented_steps_are_supported` is the exception to what is out of scope."""

    in_scope: Identifiers
    out_of_scope: Identifiers
    documented_steps_are_supported: Flag
    otherwise_offered: Identifiers

    @model_validator(mode="after")
    def _nothing_is_both(self) -> Self:
        reject(
            [
                problem(["out_of_scope", index], "stands in in_scope too; expected it in one list", topic)
                for index, topic in enumerate(self.out_of_scope)
                if topic in self.in_scope
            ]
        )
        return self
