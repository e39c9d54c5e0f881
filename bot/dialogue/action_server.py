"""Hosts rasa_sdk's ActionExecutor in the app: `POST /rasa/actions`, guarded by a secret header."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException


def action_router(actions: Iterable[Action], secret: str) -> APIRouter:
    """The webhook of Rasa's action protocol: 200 with events and responses, 400 for a rejection, 404 for no action."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    router = APIRouter()

    @router.post("/rasa/actions", include_in_schema=False)
    async def run(request: Request) -> Response:
        given = request.headers.get("x-frontdesk-secret", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return JSONResponse({"error": "wrong or missing X-Frontdesk-Secret"}, status_code=401)
        call = json.loads(await request.body())
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return JSONResponse({"error": rejection.message, "action_name": rejection.action_name}, status_code=400)
        except ActionNotFoundException as missing:
            return JSONResponse({"error": missing.message, "action_name": missing.action_name}, status_code=404)
        return JSONResponse(result.model_dump() if result else None)

    return router
