"""What can be wrong with a policy file or with a question asked of the policy, in words that help to mend it."""

from collections.abc import Iterable


class PolicyError(Exception):
    """The policy file cannot be used. Each line of the message names a place (file, line, key) and what is expected."""


class UnknownNameError(ValueError):
    """A name that the policy does not define was asked for; the message lists the names it does define."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; the policy knows: {', '.join(known)}")
