"""Knowledge first: articles for a question, more of them on request, a case when they do not help."""

from __future__ import annotations

from typing import Any

from actions.turn import DeskAction, Turn
from bot.locales.formats import language_name

# Below this the intent says nothing; what looks like no question and finds no article was not understood.
UNSURE = 0.4
CONFIDENT = 0.6


# After these the articles are what the user last heard of, whatever came in between.
_ABOUT_ARTICLES = {"utter_kb_results", "utter_kb_not_helpful", "utter_kb_no_more"}


class SearchKnowledge(DeskAction):
    """Up to three articles with snippet and link; those that did not help this conversation are left out."""

    action_name = "action_search_knowledge"

    async def act(self, turn: Turn) -> dict[str, Any]:
        return await more(turn) if turn.choice == "more" else await _search(turn)


class OutOfScope(DeskAction):
    """Says what the desk is for, unless the help center knows an answer or it may have been a question after all."""

    action_name = "action_out_of_scope"

    async def act(self, turn: Turn) -> dict[str, Any]:
        knows = await turn.services.knowledge.surely_answers(turn.text, turn.language)
        if knows or turn.said.confidence < CONFIDENT:
            return await _search(turn)
        turn.utter("utter_out_of_scope")
        return {}


async def _search(turn: Turn) -> dict[str, Any]:
    question, knowledge = turn.text, turn.services.knowledge
    sure = turn.said.intent == "ask_question" and turn.said.confidence >= CONFIDENT
    found = await knowledge.ask(turn.conversation_id, question, turn.language, surely_a_question=sure)
    if found.articles:
        show(turn, found.articles)
    elif found.exhausted:
        turn.utter("utter_kb_no_more")
    elif turn.said.confidence < UNSURE:
        await knowledge.feedback(turn.conversation_id, "unclear")
        turn.utter("utter_fallback")
        return {}
    else:
        turn.utter("utter_kb_no_results")
    return {"question": question, "shown_articles": [a["id"] for a in found.articles]}


def show(turn: Turn, articles: list[dict[str, Any]], response: str = "utter_kb_results", *, topic: str = "") -> None:
    """Says the articles; one in another language than the user's names it, in the user's own: "auf Englisch"."""
    noted = [{**a, "language_note": _note(turn, a["language"])} for a in articles]
    turn.utter(response, articles=noted, topic=topic)


def _note(turn: Turn, language: str) -> str | None:
    if language == turn.language:
        return None
    return turn.catalogue.phrase("source_language", language=language_name(language, turn.language))


async def solved(turn: Turn) -> None:
    """The articles helped."""
    await turn.services.knowledge.feedback(turn.conversation_id, "solved")
    turn.utter("utter_kb_solved")


async def rejected(turn: Turn) -> None:
    """The articles did not help."""
    await turn.services.knowledge.feedback(turn.conversation_id, "rejected")


async def case_wanted(turn: Turn) -> None:
    """Who wants a case right after articles was not helped by them, whether or not the case is opened in the end."""
    if turn.last_response in _ABOUT_ARTICLES:
        await rejected(turn)


async def more(turn: Turn) -> dict[str, Any]:
    """The next articles for the question that was searched last; those shown so far did not help."""
    question = turn.slot("question")
    if not question:
        turn.utter("utter_kb_ask_question")
        return {}
    shown = turn.slot("shown_articles") or []
    found = await turn.services.knowledge.more(turn.conversation_id, question, turn.language, shown)
    if not found.articles:
        turn.utter("utter_kb_no_more")
        return {}
    show(turn, found.articles)
    return {"shown_articles": [*shown, *(a["id"] for a in found.articles)]}


class FallBack(DeskAction):
    """No rule fits: say so and offer the usual ways on."""

    action_name = "action_fall_back"

    async def act(self, turn: Turn) -> None:
        turn.utter("utter_fallback")
