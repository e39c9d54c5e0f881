"""`frontdesk chat`: the desk in a terminal, through the same HTTP API as everybody else."""

from __future__ import annotations

import time
from typing import Annotated, Any
from uuid import uuid4

import httpx2
import jwt
import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.prompt import Prompt

from bot.settings import Settings

TOKEN_LIFETIME_S = 300
console = Console()


def chat(
    as_: Annotated[str | None, typer.Option("--as", help="Speak as this user (signs an identity token).")] = None,
    language: Annotated[str | None, typer.Option(help="en, es, fr or de; else the desk follows you.")] = None,
    base: Annotated[str | None, typer.Option(help="Where the desk is. [http://127.0.0.1:8000]")] = None,
) -> None:
    """A conversation in the terminal. A number chooses a button, /quit or Ctrl-D leaves."""
    settings = Settings()
    base = base or f"http://{settings.host}:{settings.port}"
    body: dict[str, Any] = {"language": language} if language else {}
    if as_:
        body["identity_token"] = _identity_token(as_, settings.identity_secret)
    with httpx2.Client(base_url=base, timeout=60, trust_env=False) as client:
        opened = _post(client, "/api/conversations", body)
        if opened is None:
            raise typer.Exit(1)
        client.headers["Authorization"] = f"Bearer {opened['token']}"
        buttons = _show(opened["messages"])
        while True:
            try:
                said = Prompt.ask("[bold cyan]you[/]", console=console).strip()
            except (EOFError, KeyboardInterrupt):
                console.print()
                return
            if said == "/quit":
                return
            if not said:
                continue
            answer = _send(client, opened["id"], said, buttons)
            if answer is not None:
                buttons = _show(answer["messages"]) or buttons
                _show_state(answer["state"])


def _identity_token(email: str, secret: str) -> str:
    claims = {"aud": "frontdesk", "email": email, "exp": int(time.time()) + TOKEN_LIFETIME_S, "jti": uuid4().hex}
    return jwt.encode(claims, secret, algorithm="HS256")


def _send(client: httpx2.Client, conversation: str, said: str, buttons: list[tuple[str, int]]) -> Any:
    body: dict[str, Any] = {"client_message_id": str(uuid4())}
    if said.isdigit() and 1 <= int(said) <= len(buttons):
        message, index = buttons[int(said) - 1]
        body["tap"] = {"message_id": message, "button": index}
    else:
        body["text"] = said
    return _post(client, f"/api/conversations/{conversation}/messages", body)


def _post(client: httpx2.Client, path: str, body: dict[str, Any]) -> Any:
    """The answer, or None after the problem was shown."""
    try:
        reply = client.post(path, json=body)
    except httpx2.HTTPError as error:
        console.print(f"[red]The desk at {client.base_url} does not answer ({error}). Is `make run` running?[/]")
        return None
    if reply.status_code >= 400:
        console.print(f"[red]{escape(reply.json().get('detail', reply.text))}[/]")
        return None
    return reply.json()


def _show(messages: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Prints the messages; returns the numbered buttons as (message id, index)."""
    buttons: list[tuple[str, int]] = []
    for message in messages:
        console.print("[bold green]desk[/] ", end="")
        console.print(Markdown(message["text"]))
        for article in message["articles"]:
            language = article.get("language_note") or article["language"]
            console.print(f"  [bold]{escape(article['title'])}[/] [dim]{escape(language)}[/]")
            console.print(f"  {escape(article['snippet'])}\n  [blue]{escape(article['url'])}[/]")
        for index, button in enumerate(message["buttons"]):
            buttons.append((message["id"], index))
            console.print(f"  [yellow]{len(buttons)}[/] {escape(button['title'])}")
    return buttons


def _show_state(state: dict[str, Any]) -> None:
    asked = f" · {state['form']}: {state['awaiting']}" if state["form"] else ""
    console.print(f"[dim]{state['language']} · {state['intent']} {state['confidence']:.2f}{asked}[/]")
