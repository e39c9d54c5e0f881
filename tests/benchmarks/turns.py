"""How long a turn takes by kind, as a user of the HTTP API sees it, and what share of it is Rasa's and the actions'."""

from __future__ import annotations

from collections import defaultdict

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.relay import action_relay
from tests.benchmarks.script import GREETING, KINDS, Timings, play, rasa_client
from tests.support.client import Desk
from tests.support.stack import Stack

AIM_MS = 19.0
ASKING, FILLING = 60, 15
"""Conversations; every kind of turn comes at least 60 times."""


def turns(stack: Stack) -> list[Figure]:
    """p50 and p95 in ms by kind, and the percent of the median turn that is spent in Rasa and in the action webhook."""
    with Desk(stack.base) as desk:
        play(desk, Timings(), asking=3, filling=1)
        whole = Timings()
        play(desk, whole, ASKING, FILLING)
        in_rasa = Timings()
        with rasa_client(stack.environment["FRONTDESK_RASA_URL"]) as rasa:
            play(desk, in_rasa, ASKING // 3, FILLING // 3, rasa)
    in_actions = _action_times(stack)

    figures = []
    for kind in KINDS:
        p50, p95 = percentile(whole.by_kind[kind], 50), percentile(whole.by_kind[kind], 95)
        aim = ("aim: at most 19 ms", AIM_MS) if kind == GREETING else ("", None)
        of_rasa, of_actions = percentile(in_rasa.by_kind[kind], 50), percentile(in_actions[kind], 50)
        figures += [
            Figure(f"{kind}: p50", p50, "ms", *aim),
            Figure(f"{kind}: p95", p95, "ms", "its p50", p50),
            Figure(f"{kind}: Rasa, with the actions it calls, p50", of_rasa, "ms", "the turn's p50", p50),
            Figure(f"{kind}: action webhook, p50", of_actions, "ms", "the turn's p50", p50),
        ]
    return figures


def _action_times(stack: Stack) -> dict[str, list[float]]:
    """Milliseconds in the action webhook by kind of turn, from a relay between a restarted Rasa and the app."""
    times: dict[str, list[float]] = defaultdict(list)
    app_port = stack.environment["FRONTDESK_PORT"]
    with action_relay(stack.base) as relay, Desk(stack.base) as desk:
        stack.stop_rasa()
        stack.environment["FRONTDESK_PORT"] = str(relay.port)
        try:
            stack.start_rasa()
        finally:
            stack.environment["FRONTDESK_PORT"] = app_port
        play(desk, Timings(), asking=2, filling=1)
        relay.take()

        def watch(kind: str | None) -> None:
            spent = relay.take()
            if kind is not None:
                times[kind].append(spent)

        play(desk, Timings(watch), ASKING // 3, FILLING // 3)
        stack.stop_rasa()
    stack.start_rasa()
    return times
