"""A wrong policy file is refused, with the line and the path of each thing that is wrong and what is expected there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.policy.policy import PolicyError, load_policy

WritePolicy = Callable[[str, str], Path]

VIP = "aliases: [SP-VIP], hours: {P1: 1, P2: 2, P3: 4}"
WINDOW = 'product: sage_intelligent_time, weekday: saturday, starts: "23:00", ends: "01:00"'
BUSINESS_HOURS = "# Business hours to the first response, by priority."
CLOSED = "waiting_on: none\n      transitions:\n        open: [support, customer]"


@pytest.mark.parametrize(
    ("old", "new", "marker", "complaint"),
    [
        pytest.param(
            "after_days: 9",
            "after_days: 9, grace: 1",
            "grace: 1",
            "case_states.automatic_closing.grace: unknown key; expected only: from_state, to_state, after_days",
            id="unknown key",
        ),
        pytest.param(
            "\nescalation:", "\nescalations: 1\nescalation:", "escalations: 1", "escalations: unknown key", id="section"
        ),
        pytest.param(
            "- region: GB\n      phone",
            "- phone",
            "- phone: +44",
            "contact.phone_lines.1.region: missing key; expected all of: region, phone, countries",
            id="phone line without region",
        ),
        pytest.param(
            "region: GB",
            "region: IE",
            "region: IE",
            "contact.phone_lines.1.region: expected one of the line's own countries: GB, got 'IE'",
            id="region that its line does not serve",
        ),
        pytest.param(
            "{FR: Europe/Paris}",
            "{FR: Europe/Paris, GB: Europe/London}",
            "{FR: Europe/Paris",
            "contact.phone_lines.4.countries.GB: expected each country on one line, but GB is on that of GB too",
            id="country on two lines",
        ),
        pytest.param(
            "FJ: Pacific/Fiji",
            "US: Pacific/Fiji",
            "US: Pacific/Fiji",
            "contact.zones_of_other_countries.US: expected only countries without a phone line",
            id="zone of a country that has a line",
        ),
        pytest.param(
            "Europe/Berlin",
            "Europe/Brelin",
            "Brelin",
            "contact.phone_lines.5.countries.DE: unknown time zone; expected an IANA name such as Europe/London, "
            "got 'Europe/Brelin'",
            id="unknown zone",
        ),
        pytest.param(
            "America/Los_Angeles",
            "America",
            "zone: America",
            "maintenance.zone: unknown time zone",
            id="folder of zones",
        ),
        pytest.param(
            "America/Los_Angeles", "8", "zone: 8", "maintenance.zone: unknown time zone; expected", id="zone as number"
        ),
        pytest.param(
            "[US]",
            "[USA]",
            "[USA]",
            "authorization.designated_users_only_in.0: expected an ISO 3166 country code such as GB, got 'USA'",
            id="no country code",
        ),
        pytest.param(
            BUSINESS_HOURS,
            f'  - {{weekdays: [friday], opens: "17:00", closes: "24:00"}}\n  {BUSINESS_HOURS}',
            "business_hours:",
            "first_response.business_hours: expected hours that do not overlap, but on friday 06:00-18:00 and "
            "17:00-24:00 do",
            id="overlapping hours",
        ),
        pytest.param(
            BUSINESS_HOURS,
            f'  - {{weekdays: [sunday], opens: "22:00", closes: "06:00"}}\n  {BUSINESS_HOURS}',
            "[sunday]",
            "first_response.business_hours.1.closes: expected a time after 'opens' on the same day",
            id="hours that pass midnight",
        ),
        pytest.param(
            WINDOW,
            WINDOW.replace("23:00", "25:00"),
            "25:00",
            "maintenance.windows.1.starts: expected a time of day from 00:00 to 23:59, got '25:00'",
            id="no time of day",
        ),
        pytest.param(
            WINDOW,
            WINDOW.replace("saturday", "samedi"),
            "samedi",
            "maintenance.windows.1.weekday: Input should be 'monday', 'tuesday'",
            id="no weekday",
        ),
        pytest.param(
            WINDOW,
            WINDOW.replace("23:00", "01:00"),
            "sage_intelligent_time",
            "maintenance.windows.1.ends: expected a time other than 'starts', got '01:00'",
            id="window without length",
        ),
        pytest.param(
            WINDOW,
            'product: sage_intacct, weekday: friday, starts: "23:00", ends: "01:00"',
            'starts: "23:00"',
            "maintenance.windows.1: overlaps with window 0; expected separate times for one product",
            id="overlapping windows",
        ),
        pytest.param(
            CLOSED,
            "waiting_on: none\n      transitions: {}",
            "transitions: {}",
            "case_states.states.closed.transitions: a state without transitions; expected at least one next state",
            id="state without transitions",
        ),
        pytest.param(
            CLOSED,
            CLOSED.replace("open:", "reopened:"),
            "reopened:",
            "case_states.states.closed.transitions.reopened: unknown next state; expected one of: open, in_progress",
            id="step to an unknown state",
        ),
        pytest.param(
            CLOSED,
            CLOSED.replace("open:", "closed:"),
            "        closed: [support, customer]\n  automatic",
            "case_states.states.closed.transitions.closed: unknown next state",
            id="step to the same state",
        ),
        pytest.param(
            CLOSED,
            CLOSED.replace("[support, customer]", "[]"),
            "open: []",
            "case_states.states.closed.transitions.open: expected who may cause it: support, customer, clock",
            id="step that nobody may cause",
        ),
        pytest.param(
            CLOSED,
            f"{CLOSED}\n    frozen:\n      waiting_on: none\n      transitions: {{open: [support]}}",
            "    frozen:",
            "case_states.states.frozen: no case can come here; expected a way from 'open'",
            id="state that no case reaches",
        ),
        pytest.param(
            "initial: open",
            "initial: new",
            "initial: new",
            "case_states.initial: unknown state; expected one of: open, in_progress",
            id="unknown initial state",
        ),
        pytest.param(
            "waiting_on: none",
            "waiting_on: nobody",
            "waiting_on: nobody",
            "case_states.states.closed.waiting_on: Input should be 'support', 'engineering', 'customer' or 'none'",
            id="waiting on somebody unknown",
        ),
        pytest.param(
            "closed: [support, customer, clock]",
            "closed: [support, customer]",
            "automatic_closing:",
            "case_states.automatic_closing.to_state: expected a step that the states allow, but clock may not take a "
            "case from 'verify_resolution' to 'closed'",
            id="closing that the states forbid",
        ),
        pytest.param(
            "company: {work_stopped: P1, degraded: P2, minor: P3}",
            "company: {work_stopped: P1, minor: P3}",
            "company: {work_stopped",
            "priority.matrix.company.degraded: priority rule missing for company with degraded; expected one of: P1, "
            "P2, P3",
            id="priority rule missing",
        ),
        pytest.param(
            "company: {work_stopped: P1,",
            "company: {work_stopped: P0,",
            "P0",
            "priority.matrix.company.work_stopped: expected a priority: P1, P2, P3, got 'P0'",
            id="unknown priority",
        ),
        pytest.param(
            "company: {work_stopped: P1,",
            "galaxy: {minor: P1}\n    company: {work_stopped: P1,",
            "galaxy",
            "priority.matrix.galaxy: unknown impact scope; expected one of: single_user",
            id="priority rule for an unknown scope",
        ),
        pytest.param(
            "priority: by_impact",
            "priority: by_mood",
            "by_mood",
            "priority.environments.production.priority: expected by_impact or a priority: P1, P2, P3",
            id="unknown rule for an environment",
        ),
        pytest.param(
            VIP,
            VIP.replace(", P3: 4", ""),
            "SP-VIP",
            "first_response.service_levels.vip.hours.P3: no target for P3; expected its hours",
            id="target missing",
        ),
        pytest.param(
            VIP,
            VIP.replace("P3: 4", "P3: 4, P4: 9"),
            "SP-VIP",
            "first_response.service_levels.vip.hours.P4: unknown priority; expected one of: P1, P2, P3",
            id="target for an unknown priority",
        ),
        pytest.param(
            VIP,
            VIP.replace("SP-VIP", "sp-premium"),
            "sp-premium",
            "first_response.service_levels.vip.aliases.0: expected each plan once, but it stands under premium already",
            id="plan named twice",
        ),
        pytest.param(
            "after_days: 9", "after_days: '9'", "after_days", "after_days: expected a whole number, got '9'", id="text"
        ),
        pytest.param(
            "within_days: 3",
            "within_days: -3",
            "within_days",
            "Input should be greater than or equal to 1, got -3",
            id="days",
        ),
        pytest.param(
            "sla: true", "sla: yes", "sla: yes", "production.sla: expected true or false, got 'yes'", id="no flag"
        ),
        pytest.param(
            VIP, VIP.replace("P1: 1", "P1: soon"), "soon", "hours.P1: expected a number, got 'soon'", id="number"
        ),
        pytest.param(
            "01 70 73 16 40",
            "17",
            "phone: 17",
            "phone: expected a text (put it in quotes), got 17",
            id="phone as number",
        ),
        pytest.param(
            "01 70 73 16 40", "", "phone: \n", "phone: expected a text (put it in quotes), got nothing", id="no phone"
        ),
        pytest.param("[professional_services]", "7", "offered: 7", "offered: expected a list, got 7", id="no list"),
        pytest.param("[professional_services]", "[]", "offered: []", "expected at least one entry", id="empty list"),
        pytest.param(
            "[professional_services]",
            "[Ours]",
            "[Ours]",
            "expected a name in lower case such as work_stopped",
            id="name",
        ),
        pytest.param(
            "[professional_services]",
            "[a, b, a]",
            "[a, b, a]",
            "expected each entry once, but repeated: a",
            id="repeated",
        ),
        pytest.param(
            "[professional_services]",
            "{a: b}",
            "offered: {a: b}",
            "offered: expected a list, got keys with values",
            id="keys instead of a list",
        ),
        pytest.param(
            "[system_problems, ",
            "[training, ",
            "    - training",
            "support_scope.out_of_scope.8: stands in in_scope too; expected it in one list, got 'training'",
            id="in and out of scope",
        ),
        pytest.param(
            "page: https:",
            "page: htps:",
            "htps",
            "status_page.page: expected an address that starts with",
            id="address",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_line_its_path_and_what_is_expected(
    write_policy: WritePolicy, old: str, new: str, marker: str, complaint: str
) -> None:
    file = write_policy(old, new)
    text = file.read_text(encoding="utf-8")
    assert text.count(marker) == 1, f"{marker!r} does not mark one line"
    line = text.count("\n", 0, text.index(marker)) + 1
    with pytest.raises(PolicyError) as refused:
        load_policy(file)
    complaints = str(refused.value).splitlines()
    assert any(one.startswith(f"policy.yml, line {line}, ") and complaint in one for one in complaints), complaints


def test_everything_that_is_wrong_in_one_section_is_told_at_once(write_policy: WritePolicy) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(write_policy(VIP, "aliases: [SP-VIP, 3], hours: {P1: soon, P2: 2, P3: 0}"))
    told = [
        re.sub(r"^policy.yml, line \d+, first_response.service_levels.", "", one)
        for one in str(refused.value).split("\n")
    ]
    assert [one.split(":")[0] for one in told] == ["vip.aliases.1", "vip.hours.P1", "vip.hours.P3"]


def test_a_policy_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"nowhere\.yml: the policy file cannot be read \(No such file"):
        load_policy(tmp_path / "nowhere.yml")


def test_a_policy_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "policy.yml"
    file.write_bytes("# Größe".encode("latin-1"))
    with pytest.raises(PolicyError, match=r"policy\.yml: the policy file is not UTF-8 \(byte 4\)"):
        load_policy(file)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_an_empty_policy_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"^policy\.yml, line 1: the file is empty; expected the sections"):
        load_policy(file)


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "null\n"])
def test_a_policy_file_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"^policy\.yml, line 1: expected keys with values, got"):
        load_policy(file)
