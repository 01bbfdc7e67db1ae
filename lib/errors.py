"""What an action may refuse with. Forms, toasts and the API render the code and the sentence; the middleware maps the status."""

from collections.abc import Sequence


class Refused(Exception):
    """An action refused. `code` is for machines, `sentence` for people: what happened and what to do.

    `problems`: where several things are wrong, each of them; it says itself as text.
    """

    status = 422
    problems: Sequence[object] = ()

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class RuleBroken(Refused):
    """The request contradicts a rule of the domain (422)."""


class NotAllowed(Refused):
    """This member may not do this (403)."""

    status = 403


class Conflict(Refused):
    """Somebody else was faster, or the state has moved on (409)."""

    status = 409
