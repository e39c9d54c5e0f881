"""The list of all actions, for the action server."""

from __future__ import annotations

from actions import answers, case_form, cases, confirmation, identity, knowledge
from actions.services import Services
from actions.turn import DeskAction


def all_actions(services: Services) -> list[DeskAction]:
    """One instance of each action that domain.yml names."""
    kinds: list[type[DeskAction]] = [
        knowledge.OutOfScope,
        knowledge.SearchKnowledge,
        knowledge.FallBack,
        answers.AnswerContact,
        answers.ExplainAuthorization,
        answers.ExplainResponseTimes,
        answers.ExplainCaseProcess,
        answers.ExplainMaintenance,
        answers.ExplainSelfService,
        answers.ExplainPartnerSupport,
        answers.ChangeLanguage,
        confirmation.Affirm,
        confirmation.Deny,
        identity.ValidateVerify,
        identity.AfterVerification,
        case_form.StartCase,
        case_form.ValidateCase,
        case_form.SubmitCase,
        cases.ShowCases,
        cases.StartComment,
        cases.ValidateComment,
        cases.SubmitComment,
        cases.EscalateCase,
        cases.CloseCase,
        cases.ReopenCase,
    ]
    return [kind(services) for kind in kinds]
