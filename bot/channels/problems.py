"""Errors of the HTTP API as application/problem+json (RFC 9457) with a stable `code`."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.desk.attachments import AttachmentError
from bot.desk.cases import CaseNotFound
from bot.desk.identity_token import IdentityError
from bot.gateway.engine import EngineUnavailable
from bot.gateway.messages import TurnRefused
from bot.gateway.turn import EngineDown

_ATTACHMENT_STATUS = {"too_large": 413, "type_not_allowed": 415, "too_many": 409}
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 401: "unauthorised"}


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "code": code, "detail": detail}
    return JSONResponse({**body, **more}, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Turns every refusal of the desk into its problem."""

    @app.exception_handler(TurnRefused)
    async def refused(request: Request, error: TurnRefused) -> JSONResponse:
        headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
        return problem(error.status, error.code, error.detail, headers)

    @app.exception_handler(EngineDown)
    async def engine_down(request: Request, error: EngineDown) -> JSONResponse:
        return problem(503, "engine_unavailable", error.text, {"Retry-After": "5"})

    @app.exception_handler(EngineUnavailable)
    async def engine_unavailable(request: Request, error: EngineUnavailable) -> JSONResponse:
        return problem(503, "engine_unavailable", "The desk is catching its breath; try again.", {"Retry-After": "5"})

    @app.exception_handler(IdentityError)
    async def identity(request: Request, error: IdentityError) -> JSONResponse:
        return problem(401, error.code, str(error))

    @app.exception_handler(CaseNotFound)
    async def case_not_found(request: Request, error: CaseNotFound) -> JSONResponse:
        return problem(404, "case_not_found", f"There is no case {error} for your company.")

    @app.exception_handler(AttachmentError)
    async def attachment(request: Request, error: AttachmentError) -> JSONResponse:
        return problem(_ATTACHMENT_STATUS.get(error.code, 422), f"attachment_{error.code}", str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [{"place": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{p['place']}: {p['message']}" for p in problems)
        return problem(422, "request_invalid", detail, problems=problems)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        # The server logs the error itself; to the outside it says nothing of our insides.
        return problem(500, "internal_error", "Something went wrong on our side. Please try again.")

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = _HTTP_CODES.get(error.status_code, "http_error")
        return problem(error.status_code, code, str(error.detail), dict(error.headers or {}))
