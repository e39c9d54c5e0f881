"""The whole support policy as one checked, unchangeable value, and the one function that reads it from its file."""

from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator

from bot.policy.errors import PolicyError
from bot.policy.explain import policy_error
from bot.policy.sections.case_states import CaseStatesSection
from bot.policy.sections.cases import CasesSection, EscalationSection
from bot.policy.sections.contact import AccessChangesSection, AuthorizationSection, ContactSection
from bot.policy.sections.first_response import FirstResponseSection
from bot.policy.sections.help import AccountManagerSection, SelfServiceSection, StatusPageSection, SupportScopeSection
from bot.policy.sections.maintenance import MaintenanceSection
from bot.policy.sections.priority import PrioritySection
from bot.policy.values import Section, problem, reject, unknown_names
from bot.policy.yaml_source import read_yaml

__all__ = ["Policy", "PolicyError", "load_policy"]

_OWN_FILE = Path(__file__).with_name("policy.yml")


class Policy(Section):
    """Every value of the support policy; each attribute is the section of the same name in the policy file."""

    authorization: AuthorizationSection
    access_changes: AccessChangesSection
    contact: ContactSection
    self_service: SelfServiceSection
    status_page: StatusPageSection
    account_manager: AccountManagerSection
    support_scope: SupportScopeSection
    cases: CasesSection
    escalation: EscalationSection
    priority: PrioritySection
    first_response: FirstResponseSection
    case_states: CaseStatesSection
    maintenance: MaintenanceSection

    @model_validator(mode="after")
    def _service_levels_cover_the_priorities(self) -> Self:
        problems = []
        for name, level in self.first_response.service_levels.items():
            where = ["first_response", "service_levels", name, "hours"]
            problems += unknown_names(where, level.hours, self.priority.levels, "priority")
            problems += [
                problem([*where, priority], f"no target for {priority}; expected its hours", None)
                for priority in self.priority.levels
                if priority not in level.hours
            ]
        reject(problems)
        return self


def load_policy(path: Path | None = None) -> Policy:
    """Reads and checks the policy file at `path`, or the product's own.

    Raises PolicyError when the file cannot be read, is not YAML, or says something a policy cannot mean; the message
    has a line for each thing that is wrong, with its place (file, line, dotted path) and what is expected there.
    """
    file = path or _OWN_FILE
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(
            f"{file}: the policy file cannot be read ({error.strerror}); expected a readable file"
        ) from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{file}: the policy file is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    source = read_yaml(text, file.name)
    try:
        return Policy.model_validate(source.data)
    except ValidationError as error:
        raise policy_error(error, source) from error
