"""What a case must say, and what happens to it beside its states (policy: "Opening a case", "Escalation")."""

from bot.policy.values import Count, Identifiers, Section


class CasesSection(Section):
    """Names of the case's fields and the choices in them; those that make a priority are in its own section."""

    problems_per_case: Count
    minimal_info: Identifiers
    priority_info: Identifiers
    case_reasons: Identifiers
    application_areas: Identifiers
    review_outcomes: Identifiers


class EscalationSection(Section):
    """What to try before escalating a case, and how it is escalated."""

    first: Identifiers
    then: Identifiers
