"""Decides who may open a case and who may authorise access (policy: "Who may contact support", "Security")."""

from dataclasses import dataclass
from enum import StrEnum

from bot.policy.countries import country_code
from bot.policy.policy import Policy


@dataclass(frozen=True)
class Requester:
    """What the directory says of the person who asks.

    `country` is the ISO 3166 code of their company's country; `implemented_by` is the partner that
    implemented the company's system, or None.

    Raises ValueError for a `country` that is no such code.
    """

    active: bool
    designated: bool
    may_authorise: bool
    country: str
    company_is_partner: bool
    implemented_by: str | None

    def __post_init__(self) -> None:
        country_code(self.country)


class Entitlement(StrEnum):
    """Whether somebody may open a case, or the one reason why not."""

    ALLOWED = "allowed"
    NOT_DESIGNATED = "not_designated"
    PARTNER_SUPPORTED = "partner_supported"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


def may_open_case(policy: Policy, requester: Requester | None) -> Entitlement:
    """Whether `requester` may open a case or call; None is somebody whom the directory does not know.

    The first rule that applies decides: an inactive user never may; an employee of a partner may; a company whose
    system a partner implemented is supported by that partner; some countries want a designated support user.
    """
    if requester is None:
        return Entitlement.UNKNOWN
    if not requester.active:
        return Entitlement.INACTIVE
    if requester.company_is_partner:
        return Entitlement.ALLOWED
    if requester.implemented_by:
        return Entitlement.PARTNER_SUPPORTED
    if not requester.designated and designated_users_only(policy, requester.country):
        return Entitlement.NOT_DESIGNATED
    return Entitlement.ALLOWED


def designated_users_only(policy: Policy, country: str) -> bool:
    """Whether in `country` (ISO 3166 code) only designated support users may call or open a case.

    Raises ValueError for what is not a country code.
    """
    return country_code(country) in policy.authorization.designated_users_only_in


def may_authorise_access(policy: Policy, requester: Requester | None) -> bool:
    """Whether `requester` may authorise a new designated user, a change of permissions or a password reset.

    That is an active user whom their company lets authorise. Who implemented the system does not matter: it is the
    company's own decision. The policy sets no values for it; it is an argument as in every question here.
    """
    return requester is not None and requester.active and requester.may_authorise
