"""The product's own policy file holds what the support policy says, and another organisation can change it."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.policy.policy import Policy, load_policy

WritePolicy = Callable[[str, str], Path]

WINDOW = 'product: sage_intelligent_time, weekday: saturday, starts: "23:00", ends: "01:00"'
BUSINESS_HOURS = "# Business hours to the first response, by priority."


def test_the_lists_of_the_policy_are_complete(policy: Policy) -> None:
    assert policy.cases.minimal_info == (
        "issue_summary",
        "error_message",
        "issue_time",
        "affected_users",
        "replication_steps",
        "expected_result",
        "worked_before",
        "troubleshooting_done",
    )
    assert policy.cases.priority_info == ("impact_scope", "business_impact", "environment")
    assert " ".join(policy.cases.case_reasons) == (
        "login_access product_question reporting_help accounting_question error_or_defect performance integration_api "
        "access_change other"
    )
    assert " ".join(policy.cases.application_areas) == (
        "accounts_payable accounts_receivable general_ledger cash_management order_entry purchasing inventory projects "
        "fixed_assets consolidation reporting administration platform_api other"
    )
    assert policy.cases.problems_per_case == 1
    assert policy.priority.impact_scopes == ("single_user", "multiple_users", "department", "company")
    assert policy.priority.business_impacts == ("work_stopped", "degraded", "minor")
    assert list(policy.priority.environments) == ["production", "sandbox", "demo"]
    assert policy.authorization.designated_users_only_in == ("US",)


def test_self_service_comes_in_the_recommended_order_and_only_the_community_needs_a_login(policy: Policy) -> None:
    channels = policy.self_service.channels
    assert [(channel.id, channel.needs_login) for channel in channels] == [
        ("help_center", False),
        ("community", True),
        ("training", False),
    ]
    assert policy.self_service.community_articles_more_than == 10_000
    addresses = [channel.url for channel in channels] + [address for _, address in policy.status_page]
    assert len(addresses) == 6
    assert all(address.startswith("https://help.example/") for address in addresses)


def test_nothing_can_be_changed_after_loading(policy: Policy) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        policy.contact.after_hours = "closed"
    with pytest.raises(TypeError):
        policy.priority.matrix["company"]["work_stopped"] = "P3"  # type: ignore[index]


def test_a_policy_survives_being_written_out_and_read_again(policy: Policy) -> None:
    assert Policy.model_validate(policy.model_dump()) == policy


def test_every_country_of_the_tz_database_has_one_of_its_own_zones(policy: Policy) -> None:
    table: dict[str, set[str]] = {}
    for row in files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            country, _, zone = row.split("\t")[:3]
            table.setdefault(country, set()).add(zone)
    named = dict(policy.contact.zones_of_other_countries)
    for line in policy.contact.phone_lines:
        named.update(line.countries)
    assert named.keys() == table.keys()
    assert {country: str(zone) for country, zone in named.items() if str(zone) not in table[country]} == {}


def test_another_organisation_may_list_no_other_countries_and_no_maintenance(tmp_path: Path) -> None:
    text = Path(str(files("bot.policy").joinpath("policy.yml"))).read_text(encoding="utf-8")
    text = re.sub(r"zones_of_other_countries: \{.*?\}", "zones_of_other_countries: {}", text, flags=re.DOTALL)
    text = re.sub(r"  windows:\n(    - .*\n)+", "  windows: []\n", text)
    file = tmp_path / "small.yml"
    file.write_text(text, encoding="utf-8")
    small = load_policy(file)
    assert (dict(small.contact.zones_of_other_countries), small.maintenance.windows) == ({}, ())


def test_times_need_no_quotes_and_norway_is_a_country(write_policy: WritePolicy) -> None:
    changed = load_policy(write_policy(WINDOW, WINDOW.replace('"', "")))
    assert changed.maintenance.windows == load_policy().maintenance.windows
    assert str(changed.contact.zones_of_other_countries["NO"]) == "Europe/Oslo"


def test_hours_may_touch_and_pass_midnight_as_two_spans(write_policy: WritePolicy) -> None:
    spans = (
        '  - {weekdays: [friday], opens: "18:00", closes: "24:00"}\n'
        '    - {weekdays: [saturday], opens: "00:00", closes: "06:00"}\n  '
    )
    hours = load_policy(write_policy(BUSINESS_HOURS, f"{spans}{BUSINESS_HOURS}")).first_response.business_hours
    assert [(one.opens.hour, one.closing_minute // 60) for one in hours] == [(6, 18), (18, 24), (0, 6)]
