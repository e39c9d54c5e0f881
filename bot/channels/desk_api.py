"""The HTTP API beside conversations: knowledge, contact, and the cases of one's own company."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.desk.cases import Cases
from bot.desk.contact import Contact
from bot.desk.directory import Person
from bot.desk.identity import Identity
from bot.desk.knowledge import Knowledge
from bot.gateway.messages import TurnRefused
from bot.gateway.rate_limit import RateLimiter
from bot.gateway.sanitize import clean_text
from bot.gateway.turn import Gateway

_bearer = HTTPBearer(auto_error=False, description="the token of a conversation of a verified user")
_LANGUAGE = Query(None, pattern="^(en|es|fr|de)$")
# A search box asks at every key; only what somebody really asked tells what the help center lacks.
_RECORD = "true for a whole question (sent with Enter, or a result was opened): it counts in the report on gaps"


def desk_router(
    gateway: Gateway,
    identity: Identity,
    knowledge: Knowledge,
    contact: Contact,
    cases: Cases,
    recorded_searches: RateLimiter,
) -> APIRouter:
    """`recorded_searches` limits what an address may add to the record of questions."""
    router = APIRouter(prefix="/api", tags=["desk"])

    async def person(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Person:
        if credentials is None:
            raise TurnRefused("token_missing", "Send a conversation's token: Authorization: Bearer …", 401)
        conversation = await gateway.conversation_of(credentials.credentials)
        visitor = await identity.who(conversation.id)
        if visitor.person is None:
            raise TurnRefused("not_verified", "Cases are shown to verified users of a customer only.", 403)
        if not visitor.person.active:
            raise TurnRefused("user_inactive", "Your user is not active.", 403)
        return visitor.person

    Somebody = Annotated[Person, Depends(person)]

    @router.get("/kb/search", summary="Search the help center")
    async def search(
        request: Request,
        q: Annotated[str, Query(min_length=1, max_length=4000)],
        language: str | None = _LANGUAGE,
        limit: Annotated[int, Query(ge=1, le=20)] = 3,
        record: Annotated[bool, Query(description=_RECORD)] = False,
    ) -> dict[str, Any]:
        if record:
            if language is None:
                raise TurnRefused("language_missing", "A search that is recorded needs its language.", 422)
            q = clean_text(q)
            await recorded_searches.take(request.client.host if request.client else "unknown")
        return await knowledge.search(q, language, limit, record=record)

    @router.get("/contact", summary="Phone and hours for a country")
    async def how_to_call(
        region: Annotated[str, Query(pattern="^[A-Za-z]{2}$", description="ISO 3166 country code")],
        at: Annotated[datetime | None, Query(description="ISO 8601 with an offset; now when left out")] = None,
    ) -> dict[str, Any]:
        if at is not None and at.tzinfo is None:
            raise TurnRefused("instant_without_zone", f"at needs an offset, e.g. {at.isoformat()}Z", 422)
        try:
            return contact.card(contact.hours(region.upper(), at=at))
        except ValueError as error:
            raise TurnRefused("region_unknown", str(error), 422) from error

    @router.get("/cases", summary="The cases of your company, newest first")
    async def list_cases(somebody: Somebody) -> dict[str, Any]:
        return {"cases": [cases.card(case) for case in await cases.of_company(somebody)]}

    @router.get("/cases/{number}", summary="One case of your company")
    async def show_case(number: Annotated[str, Path(pattern=r"^[\w-]{1,20}$")], somebody: Somebody) -> dict[str, Any]:
        return cases.card(await cases.get(somebody, number))

    return router
