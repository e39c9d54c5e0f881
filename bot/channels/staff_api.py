"""The HTTP API of the support staff: one door with the staff token; routes of every topic join it."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.desk.gap_report import DEFAULT_SINCE, SinceInvalid, since_instant
from bot.desk.gaps import MOST_GAPS, Gaps
from bot.gateway.messages import TurnRefused

_bearer = HTTPBearer(auto_error=False, description="the staff token (FRONTDESK_STAFF_TOKEN)")


def staff_router(token: str, *topics: APIRouter) -> APIRouter:
    """`/api/staff` with the routes of the topics; who does not show the token gets none of them (401)."""

    async def staff_only(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
        if credentials is None:
            raise TurnRefused("token_missing", "Send the staff token: Authorization: Bearer …", 401)
        if not hmac.compare_digest(credentials.credentials.encode(), token.encode()):
            raise TurnRefused("staff_token", "This is not the staff token.", 401)

    router = APIRouter(prefix="/api/staff", tags=["staff"], dependencies=[Depends(staff_only)])
    for topic in topics:
        router.include_router(topic)
    return router


def gaps_routes(gaps: Gaps) -> APIRouter:
    """What people asked and nobody answered."""
    router = APIRouter()

    @router.get("/gaps", summary="What people asked and nobody answered, grouped by meaning")
    async def report(
        since: Annotated[str, Query(max_length=40, description="30d, 12h, 4w, or an ISO 8601 date or instant")] = (
            DEFAULT_SINCE
        ),
        language: Annotated[str | None, Query(pattern="^(en|es|fr|de)$")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_GAPS)] = 20,
    ) -> dict[str, Any]:
        try:
            instant = since_instant(since, gaps.now())
        except SinceInvalid as error:
            raise TurnRefused("since_invalid", str(error), 422) from error
        return (await gaps.report(since=instant, language=language, limit=limit)).public()

    return router
