"""Finding people and importing them."""

from __future__ import annotations

import pytest

from bot.desk.directory import Directory, DirectoryError, ImportReport
from bot.policy.authorization import Entitlement, may_open_case
from bot.policy.policy import load_policy
from bot.store.demo_data import DIRECTORY_FILE
from bot.store.engine import Database

DEMO = DIRECTORY_FILE.read_text(encoding="utf-8")


@pytest.fixture
async def directory(database: Database) -> Directory:
    made = Directory(database)
    await made.import_csv(DEMO)
    return made


async def test_a_person_is_found_by_address_in_any_case_and_with_spaces(directory: Directory) -> None:
    person = await directory.person_by_email("  FLEUR@Lumiere.Example ")
    assert person is not None
    assert (person.email, person.name) == ("fleur@lumiere.example", "fleur@lumiere.example")
    assert (person.company, person.country, person.plan) == ("Lumière SARL", "FR", "Silver")
    assert (person.active, person.designated, person.may_authorise) == (True, False, True)
    assert (person.company_is_partner, person.implemented_by, person.timezone) == (False, None, "Europe/Paris")


async def test_an_unknown_address_is_nobody(directory: Directory) -> None:
    assert await directory.person_by_email("nobody@acme.example") is None
    assert await directory.person_by_email("") is None


@pytest.mark.parametrize(
    ("email", "entitlement"),
    [
        ("dana@acme.example", Entitlement.ALLOWED),
        ("nick@acme.example", Entitlement.NOT_DESIGNATED),
        ("otto@acme.example", Entitlement.INACTIVE),
        ("vera@prairie.example", Entitlement.PARTNER_SUPPORTED),
        ("pat@summit.example", Entitlement.ALLOWED),
        ("uma@thames.example", Entitlement.ALLOWED),
        ("omar@iberia.example", Entitlement.INACTIVE),
    ],
)
async def test_the_demo_people_may_do_what_the_policy_says(
    directory: Directory, email: str, entitlement: Entitlement
) -> None:
    person = await directory.person_by_email(email)
    assert person is not None
    assert may_open_case(load_policy(), person.requester) is entitlement


async def test_designated_users_are_the_active_ones_of_that_company(directory: Directory) -> None:
    dana = await directory.person_by_email("dana@acme.example")
    karoo = await directory.person_by_email("kagiso@karoo.example")
    assert dana is not None
    assert karoo is not None
    assert [person.email for person in await directory.designated_users(dana.company_id)] == ["dana@acme.example"]
    assert await directory.designated_users(karoo.company_id) == []


async def test_an_import_reports_what_it_held_and_did(database: Database) -> None:
    directory = Directory(database)
    assert await directory.import_csv(DEMO) == ImportReport(companies=11, users=14, created=14, updated=0)
    assert await directory.import_csv(DEMO) == ImportReport(companies=11, users=14, created=0, updated=0)


async def test_a_changed_company_changes_all_its_users_and_a_changed_user_only_themselves(
    directory: Directory,
) -> None:
    changed = DEMO.replace("Iberia Norte SL,ES,Bronze", "Iberia Norte SL,ES,Gold").replace(
        "uma@thames.example,yes", "uma@thames.example,no"
    )
    report = await directory.import_csv(changed)
    assert (report.created, report.updated) == (0, 3)
    ines, uma = (
        await directory.person_by_email("ines@iberia.example"),
        await directory.person_by_email("uma@thames.example"),
    )
    assert ines is not None
    assert uma is not None
    assert ines.plan == "Gold"
    assert not uma.active


async def test_a_user_moves_to_the_company_that_the_file_names(directory: Directory) -> None:
    head = DEMO.splitlines()[0]
    moved = f"{head}\nThames Books,GB,Essential,,no,nick@acme.example,yes,no,no,Europe/London\n"
    assert await directory.import_csv(moved) == ImportReport(companies=1, users=1, created=0, updated=1)
    nick = await directory.person_by_email("nick@acme.example")
    assert nick is not None
    assert (nick.company, nick.timezone) == ("Thames Books", "Europe/London")


async def test_a_file_without_names_keeps_the_names_that_are_known(directory: Directory) -> None:
    head, dana = DEMO.splitlines()[:2]
    await directory.import_csv(f"{head},name\n{dana},Dana Lee\n")
    await directory.import_csv(DEMO)
    person = await directory.person_by_email("dana@acme.example")
    assert person is not None
    assert person.name == "Dana Lee"


async def test_people_whom_a_file_does_not_name_stay(directory: Directory) -> None:
    await directory.import_csv("\n".join(DEMO.splitlines()[:2]))
    assert await directory.person_by_email("ruby@outback.example") is not None


async def test_a_file_with_one_bad_row_imports_nothing(database: Database) -> None:
    directory = Directory(database)
    with pytest.raises(DirectoryError) as caught:
        await directory.import_csv(DEMO.replace("Australia/Sydney", "Australia/Atlantis"))
    assert [line for line, _ in caught.value.problems] == [15]
    assert await directory.person_by_email("dana@acme.example") is None


async def test_plans_are_those_of_the_given_policy(database: Database) -> None:
    policy = load_policy()
    essential = policy.first_response.service_levels["essential"].model_copy(update={"plans": ("Basic",)})
    levels = {**policy.first_response.service_levels, "essential": essential}
    changed = policy.model_copy(
        update={"first_response": policy.first_response.model_copy(update={"service_levels": levels})}
    )
    directory = Directory(database, changed)
    with pytest.raises(DirectoryError, match="Basic"):
        await directory.import_csv(DEMO)
    await directory.import_csv(DEMO.replace(",Essential,", ",Basic,"))
    uma = await directory.person_by_email("uma@thames.example")
    assert uma is not None
    assert uma.plan == "Basic"
