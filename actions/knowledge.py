"""Knowledge first: articles for a question, more of them on request, a case when they do not help."""

from __future__ import annotations

from typing import Any

from actions.turn import DeskAction, Turn

# Below this the intent says nothing; what looks like no question and finds no article was not understood.
UNSURE = 0.4
CONFIDENT = 0.6


class SearchKnowledge(DeskAction):
    """Up to three articles with snippet and link; articles seen in this conversation for this question are left out."""

    action_name = "action_search_knowledge"

    async def act(self, turn: Turn) -> dict[str, Any]:
        if turn.choice == "more":
            return await more(turn)
        question = turn.text
        sure = turn.said.intent == "ask_question" and turn.said.confidence >= CONFIDENT
        found = await turn.services.knowledge.ask(turn.conversation_id, question, turn.language, surely_a_question=sure)
        if found.articles:
            turn.utter("utter_kb_results", articles=found.articles)
        elif turn.said.confidence < UNSURE:
            turn.utter("utter_fallback")
            return {}
        else:
            turn.utter("utter_kb_no_results")
        return {"question": question, "shown_articles": [a["id"] for a in found.articles]}


async def solved(turn: Turn) -> None:
    """The articles helped."""
    await turn.services.knowledge.feedback(turn.conversation_id, "solved")
    turn.utter("utter_kb_solved")


async def more(turn: Turn) -> dict[str, Any]:
    """The next articles for the question that was searched last."""
    question = turn.slot("question")
    if not question:
        turn.utter("utter_kb_ask_question")
        return {}
    shown = turn.slot("shown_articles") or []
    found = await turn.services.knowledge.ask(turn.conversation_id, question, turn.language, already_shown=shown)
    if not found.articles:
        turn.utter("utter_kb_no_more")
        return {}
    turn.utter("utter_kb_results", articles=found.articles)
    return {"shown_articles": [*shown, *(a["id"] for a in found.articles)]}


class FallBack(DeskAction):
    """No rule fits: say so and offer the usual ways on."""

    action_name = "action_fall_back"

    async def act(self, turn: Turn) -> None:
        turn.utter("utter_fallback")
