"""A directory file is read whole, or refused with everything that is wrong with it."""

from __future__ import annotations

import pytest

from bot.desk.directory_file import DirectoryError, is_email, read_directory
from bot.policy.policy import Policy, load_policy

HEAD = "company,country,plan,implemented_by,company_is_partner,user,active,designated,may_authorise,timezone"
DANA = "Acme,US,Gold,,no,dana@acme.example,yes,yes,yes,America/Chicago"
NICK = "Acme,US,Gold,,no,nick@acme.example,yes,no,no,America/Chicago"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def csv(*lines: str) -> str:
    return "\n".join((HEAD, *lines)) + "\n"


def problems(policy: Policy, text: str) -> list[tuple[int, str]]:
    with pytest.raises(DirectoryError) as caught:
        read_directory(text, policy)
    return caught.value.problems


def test_a_good_file_gives_each_company_and_user_once(policy: Policy) -> None:
    content = read_directory(csv(DANA, NICK), policy)
    assert [company.name for company in content.companies] == ["Acme"]
    assert [(user.email, user.designated) for user in content.users] == [
        ("dana@acme.example", True),
        ("nick@acme.example", False),
    ]
    assert not content.has_names


def test_spaces_and_case_of_addresses_countries_plans_and_booleans_do_not_matter(policy: Policy) -> None:
    line = " Acme  Inc , us , gold ,, FALSE , Dana@Acme.Example , 1 , True , Yes , America/Chicago "
    content = read_directory(csv(line), policy)
    company, user = content.companies[0], content.users[0]
    assert (company.name, company.country, company.plan, company.is_partner) == ("Acme Inc", "US", "Gold", False)
    assert (user.email, user.active, user.designated, user.may_authorise) == ("dana@acme.example", True, True, True)


def test_other_names_of_plans_and_no_plan_are_accepted(policy: Policy) -> None:
    content = read_directory(csv(DANA.replace("Gold", "SP-VIP"), "Solo,GB,,,no,u@solo.example,yes,no,no,UTC"), policy)
    assert [company.plan for company in content.companies] == ["SP-VIP", None]


def test_a_spreadsheets_byte_order_mark_semicolons_and_line_ends_are_accepted(policy: Policy) -> None:
    text = "\ufeff" + csv(DANA).replace(",", ";").replace("\n", "\r\n")
    assert read_directory(text, policy).users[0].email == "dana@acme.example"


def test_columns_may_stand_in_any_order_and_names_are_optional(policy: Policy) -> None:
    heading = (
        "name,timezone,may_authorise,designated,active,user,company_is_partner,implemented_by,plan,country,company"
    )
    line = '"Dana ""D."" Lee",America/Chicago,yes,yes,yes,dana@acme.example,no,,Gold,US,"Acme, Inc."'
    content = read_directory(f"{heading}\n{line}\n", policy)
    assert content.has_names
    assert (content.users[0].name, content.users[0].company) == ('Dana "D." Lee', "Acme, Inc.")


def test_blank_lines_are_passed_over_and_lines_are_still_counted_right(policy: Policy) -> None:
    text = csv(DANA, "", ",,,,,,,,,", NICK.replace("US", "XX"))
    assert [line for line, _ in problems(policy, text)] == [5]


def test_a_line_number_is_that_of_the_records_first_line(policy: Policy) -> None:
    text = csv(DANA.replace("Acme", '"Acme\nInc"'), NICK.replace("yes", "maybe"))
    assert problems(policy, text) == [(4, "active is 'maybe'; expected yes or no")]


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ("Acme", "", "company is empty"),
        ("Acme", "A" * 201, "company has 201 characters; expected at most 200"),
        ("Acme", "Ac\x07me", "control characters"),
        ("US", "USA", "country is 'USA'; expected an ISO 3166 code"),
        ("US", "XX", "country is 'XX'"),
        ("US", "", "country is ''"),
        ("Gold", "Golden", "plan is 'Golden'; expected nothing or one of: Essential"),
        (",no,", ",perhaps,", "company_is_partner is 'perhaps'; expected yes or no"),
        (",no,", ",,", "company_is_partner is ''"),
        ("dana@acme.example", "dana", "user is 'dana'; expected an e-mail address"),
        ("dana@acme.example", "dana@acme", "user is 'dana@acme'"),
        ("dana@acme.example", "", "user is ''"),
        ("America/Chicago", "Chicago", "timezone is 'Chicago'; expected an IANA zone"),
        ("America/Chicago", "America", "timezone is 'America'"),
        ("America/Chicago", "../../etc/passwd", "timezone is"),
        ("America/Chicago", "", "timezone is ''"),
    ],
)
def test_a_bad_value_is_told_with_its_line_and_what_is_expected(
    policy: Policy, good: str, bad: str, reason: str
) -> None:
    found = problems(policy, csv(NICK.replace("Acme", "Other"), DANA.replace(good, bad, 1)))
    assert [line for line, _ in found] == [3]
    assert reason in found[0][1]


def test_all_mistakes_of_a_file_are_told_at_once(policy: Policy) -> None:
    text = csv(DANA.replace("Gold", "Tin").replace("US", "ZZ"), "only,three,fields", NICK.replace("@", " at "))
    found = problems(policy, text)
    assert [line for line, _ in found] == [2, 2, 3, 4]
    assert "3 fields; expected 10" in found[2][1]


def test_two_lines_that_contradict_each_other_about_a_company_are_refused(policy: Policy) -> None:
    found = problems(policy, csv(DANA, NICK.replace("Gold", "Silver")))
    assert found == [(3, "says something else about the company 'Acme' than line 2")]


def test_a_company_written_in_two_ways_is_refused_instead_of_becoming_two(policy: Policy) -> None:
    assert [line for line, _ in problems(policy, csv(DANA, NICK.replace("Acme", "ACME")))] == [3]


def test_a_user_who_stands_twice_is_refused(policy: Policy) -> None:
    found = problems(policy, csv(DANA, NICK, DANA.replace("dana@", "Dana@")))
    assert found == [(4, "the user 'dana@acme.example' stands in line 2 already")]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("", ["the file is empty"]),
        ("\n \n", ["the file is empty"]),
        (HEAD + "\n", ["no users"]),
        (HEAD.replace("plan,", "").replace("user,", "") + "\n", ["column plan is missing", "column user is missing"]),
        (HEAD + ",phone\n", ["unknown column 'phone'"]),
        (HEAD + ",plan\n", ["column plan stands twice"]),
        (csv('"Acme'), ["not CSV"]),
    ],
)
def test_a_file_without_the_right_form_is_refused(policy: Policy, text: str, reasons: list[str]) -> None:
    found = problems(policy, text)
    assert len(found) == len(reasons)
    assert all(reason in said for reason, (_, said) in zip(reasons, found, strict=True))


def test_the_error_reads_as_a_list_of_lines(policy: Policy) -> None:
    with pytest.raises(DirectoryError) as caught:
        read_directory(csv(DANA.replace("US", "ZZ"), NICK.replace("yes", "y")), policy)
    assert str(caught.value).splitlines() == [
        "line 2: country is 'ZZ'; expected an ISO 3166 code of two letters such as GB",
        "line 3: active is 'y'; expected yes or no",
    ]


@pytest.mark.parametrize("address", ["dana@acme.example", "a.b+c@x-y.co.uk", "o'neil@acme.example", "ä@müller.example"])
def test_real_addresses_are_addresses(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "dana",
        "@acme.example",
        "dana@",
        "dana@acme",
        "a@b@c.example",
        "da na@acme.example",
        "dana@acme.example\r\nBcc: all@acme.example",
        "dana@acme.example,nick@acme.example",
        "<dana@acme.example>",
        "dana@acme..example",
        "d" * 250 + "@acme.example",
    ],
)
def test_what_is_no_address_or_more_than_one_is_refused(address: str) -> None:
    assert not is_email(address)
