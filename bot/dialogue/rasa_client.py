"""Sends one turn to the Rasa process and says loudly when there is no answer."""

from __future__ import annotations

from typing import Any

import httpx2

from bot.gateway.engine import EngineAnswer, EngineUnavailable


class RasaClient:
    """The gateway's line to `bot.rasa_components.gateway_channel`."""

    def __init__(self, url: str, secret: str, timeout_s: float) -> None:
        self._client = httpx2.AsyncClient(
            base_url=url,
            headers={"X-Frontdesk-Secret": secret},
            timeout=httpx2.Timeout(timeout_s, connect=2.0),
            trust_env=False,  # Rasa is on a private network, never behind a proxy
        )

    async def turn(
        self, conversation_id: str, message_id: str, text: str, metadata: dict[str, Any], *, repeated: bool = False
    ) -> EngineAnswer:
        """One turn; `repeated` says that this message id was sent before: it is not processed a second time then.

        Raises EngineUnavailable when Rasa does not answer in time, fails, or says nothing at all.
        """
        body = {
            "conversation": conversation_id,
            "message_id": message_id,
            "text": text,
            "metadata": metadata,
            "repeated": repeated,
        }
        try:
            reply = await self._client.post("/webhooks/frontdesk/turn", json=body)
        except httpx2.HTTPError as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error
        if reply.status_code != 200:
            raise EngineUnavailable(f"Rasa answered {reply.status_code}: {reply.text[:200]}")
        try:
            said = reply.json()
            answer = EngineAnswer(said["messages"], said["form"], said["awaiting"], said["intent"], said["confidence"])
        except (ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(f"Rasa's answer cannot be read: {reply.text[:200]!r}") from error
        if not answer.messages:
            raise EngineUnavailable("Rasa answered without a message: an action failed or no rule fits")
        return answer

    async def forget(self, conversation_id: str) -> None:
        """Erases the conversation's events. Raises EngineUnavailable."""
        try:
            reply = await self._client.delete(f"/webhooks/frontdesk/conversations/{conversation_id}")
        except httpx2.HTTPError as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error
        if reply.status_code != 204:
            raise EngineUnavailable(f"Rasa answered {reply.status_code}: {reply.text[:200]}")

    async def ready(self) -> bool:
        try:
            reply = await self._client.get("/webhooks/frontdesk/", timeout=2.0)
        except httpx2.HTTPError:
            return False
        return reply.status_code == 200

    async def close(self) -> None:
        await self._client.aclose()
