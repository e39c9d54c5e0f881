"""The HTTP API of conversations, for the chat widget, the terminal and integrations (contract: "HTTP API")."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query, Request, UploadFile
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.desk.attachments import Attachments
from bot.desk.privacy import Privacy
from bot.gateway.messages import InboundMessage, Tap, TurnRefused
from bot.gateway.rate_limit import RateLimiter
from bot.gateway.turn import Gateway
from bot.store.models import Conversation

_bearer = HTTPBearer(auto_error=False, description="the token of the conversation")
UPLOAD_CHUNK = 64 * 1024


# What no client has a reason to send and PostgreSQL does not store.
PLAIN = r"^[^\x00-\x1f\x7f]*$"


class NewConversation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(
        None, max_length=35, description="en, es, fr or de; a region after a hyphen is ignored"
    )
    timezone: str | None = Field(None, max_length=60, description="IANA name")
    page_url: str | None = Field(None, max_length=2000, pattern=PLAIN)
    identity_token: str | None = Field(None, max_length=4000, description="JWT signed by the embedding page")


class TapBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message_id: str = Field(max_length=100, pattern=PLAIN)
    button: int


class NewMessage(BaseModel):
    """Exactly one of text, tap and form."""

    model_config = ConfigDict(extra="forbid")

    client_message_id: str | None = Field(None, min_length=1, max_length=100, pattern=PLAIN)
    text: str | None = None
    tap: TapBody | None = None
    form: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(part is not None for part in (self.text, self.tap, self.form)) != 1:
            raise ValueError("give exactly one of text, tap and form")
        return self


def conversation_router(
    gateway: Gateway, attachments: Attachments, privacy: Privacy, new_conversations: RateLimiter
) -> APIRouter:
    router = APIRouter(prefix="/api/conversations", tags=["conversations"])

    async def authenticated(
        id: Annotated[str, Path(pattern=PLAIN)],
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Conversation:
        if credentials is None:
            raise TurnRefused("token_missing", "Send the conversation's token: Authorization: Bearer …", 401)
        return await gateway.authenticate(id, credentials.credentials)

    Own = Annotated[Conversation, Depends(authenticated)]

    @router.post("", status_code=201, summary="Start a conversation")
    async def start(body: NewConversation, request: Request) -> dict[str, Any]:
        await new_conversations.take(request.client.host if request.client else "unknown")
        opened = await gateway.open_conversation(channel="web", **body.model_dump())
        return {
            "id": opened.id,
            "token": opened.token,
            "language": opened.language,
            "verified": opened.verified,
            "messages": [m.public() for m in opened.messages],
        }

    @router.post("/{id}/messages", summary="Say, tap or fill in, and get the answer")
    async def send(conversation: Own, body: NewMessage) -> dict[str, Any]:
        tap = Tap(body.tap.message_id, body.tap.button) if body.tap else None
        inbound = InboundMessage(body.client_message_id, text=body.text, tap=tap, form=body.form)
        result = await gateway.handle_turn(conversation.id, inbound)
        return {"messages": [m.public() for m in result.messages], "state": result.state.public()}

    @router.get("/{id}/messages", summary="The messages so far, for a widget that reloads")
    async def history(conversation: Own, after: Annotated[str | None, Query(pattern=PLAIN)] = None) -> dict[str, Any]:
        messages = await gateway.history(conversation.id, after)
        return {"messages": [m.public() for m in messages], "state": conversation.state or None}

    @router.post("/{id}/attachments", status_code=201, summary="Attach a file to the case that is being written")
    async def attach(conversation: Own, file: UploadFile) -> dict[str, Any]:
        stored = await attachments.save(conversation.id, file.filename or "", _chunks(file))
        return {"id": stored.id, "name": stored.name, "size": stored.size, "media_type": stored.media_type}

    @router.delete("/{id}", status_code=204, summary="Erase the conversation and its attachments")
    async def erase(conversation: Own) -> None:
        await privacy.erase_conversation(conversation.id)

    return router


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(UPLOAD_CHUNK):
        yield chunk
