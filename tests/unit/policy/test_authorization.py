"""Who may open a case, and who may authorise a change of access."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from itertools import product
from pathlib import Path

import pytest

from bot.policy.authorization import Entitlement, Requester, designated_users_only, may_authorise_access, may_open_case
from bot.policy.policy import Policy, load_policy

CUSTOMER = Requester(
    active=True, designated=False, may_authorise=False, country="GB", company_is_partner=False, implemented_by=None
)
IN_THE_US = replace(CUSTOMER, country="US")


def test_a_us_user_who_is_not_designated_may_not_open_a_case(policy: Policy) -> None:
    assert may_open_case(policy, IN_THE_US) is Entitlement.NOT_DESIGNATED


def test_a_designated_us_user_may_open_a_case(policy: Policy) -> None:
    assert may_open_case(policy, replace(IN_THE_US, designated=True)) is Entitlement.ALLOWED


@pytest.mark.parametrize("country", ["GB", "CA", "FR", "DE", "ES", "ZA", "AU", "MX"])
def test_any_active_user_elsewhere_may_open_a_case(policy: Policy, country: str) -> None:
    assert may_open_case(policy, replace(CUSTOMER, country=country)) is Entitlement.ALLOWED


@pytest.mark.parametrize("country", ["US", "ES"])
def test_an_inactive_user_may_not_even_when_designated_or_with_a_partner(policy: Policy, country: str) -> None:
    left = replace(CUSTOMER, active=False, designated=True, country=country)
    assert may_open_case(policy, left) is Entitlement.INACTIVE
    assert may_open_case(policy, replace(left, company_is_partner=True)) is Entitlement.INACTIVE
    assert may_open_case(policy, replace(left, implemented_by="Summit Partners")) is Entitlement.INACTIVE


@pytest.mark.parametrize("country", ["US", "DE"])
def test_a_company_that_a_partner_implemented_is_supported_by_the_partner(policy: Policy, country: str) -> None:
    vera = replace(CUSTOMER, country=country, designated=True, implemented_by="Summit Partners")
    assert may_open_case(policy, vera) is Entitlement.PARTNER_SUPPORTED


def test_an_employee_of_a_partner_may_open_a_case_without_being_designated(policy: Policy) -> None:
    pat = replace(IN_THE_US, company_is_partner=True)
    assert may_open_case(policy, pat) is Entitlement.ALLOWED


def test_an_employee_of_a_partner_may_even_when_another_partner_implemented_the_partners_system(policy: Policy) -> None:
    pat = replace(IN_THE_US, company_is_partner=True, implemented_by="Another Partner")
    assert may_open_case(policy, pat) is Entitlement.ALLOWED


def test_somebody_whom_the_directory_does_not_know_may_do_neither(policy: Policy) -> None:
    assert may_open_case(policy, None) is Entitlement.UNKNOWN
    assert not may_authorise_access(policy, None)


def test_no_combination_lets_an_undesignated_us_customer_or_an_inactive_user_in(policy: Policy) -> None:
    flags = product([True, False], [True, False], [True, False], ["US", "us", "FR"], [True, False], [None, "Summit"])
    allowed = [r for r in (Requester(*row) for row in flags) if may_open_case(policy, r) is Entitlement.ALLOWED]
    assert allowed
    for requester in allowed:
        assert requester.active
        assert requester.company_is_partner or requester.implemented_by is None
        assert requester.company_is_partner or requester.designated or requester.country == "FR"


def test_the_countries_that_want_a_designated_user_are_those_of_the_policy(
    write_policy: Callable[[str, str], Path],
) -> None:
    changed = load_policy(write_policy("[US]", "[FR, DE]"))
    assert may_open_case(changed, IN_THE_US) is Entitlement.ALLOWED
    assert may_open_case(changed, replace(CUSTOMER, country="FR")) is Entitlement.NOT_DESIGNATED
    assert [designated_users_only(changed, country) for country in ("fr", "DE", "US")] == [True, True, False]


@pytest.mark.parametrize("country", ["", "USA", "U", "United States", "1A", "ÄÖ", "US "])
def test_a_requester_without_a_country_code_is_refused_rather_than_let_in(country: str) -> None:
    with pytest.raises(ValueError, match="country must be an ISO 3166 code"):
        replace(CUSTOMER, country=country)


def test_only_an_active_user_whom_the_company_lets_may_authorise_access(policy: Policy) -> None:
    manager = replace(CUSTOMER, may_authorise=True)
    assert may_authorise_access(policy, manager)
    assert may_authorise_access(policy, replace(manager, country="US", implemented_by="Summit Partners"))
    assert not may_authorise_access(policy, replace(manager, active=False))
    assert not may_authorise_access(policy, replace(CUSTOMER, designated=True))


def test_entitlements_are_stable_lower_case_names() -> None:
    assert [str(one) for one in Entitlement] == [
        "allowed",
        "not_designated",
        "partner_supported",
        "inactive",
        "unknown",
    ]


def test_a_requester_cannot_be_promoted_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        CUSTOMER.designated = True  # type: ignore[misc]
