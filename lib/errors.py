"""What an action may refuse with. Forms, toasts and the API render the code and the sentence; the middleware maps the status."""

import errno
from collections.abc import Sequence
from typing import Any

# No space, no quota, and a file that may not grow any further: each means that somebody has to make room.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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

    def add_to(self, form: Any) -> None:
        """Say it on a form: at the field that the code names, else above all of them."""
        form.add_error(self.code if self.code in form.fields else None, self.sentence)


class RuleBroken(Refused):
    """The request contradicts a rule of the domain (422)."""


class NotAllowed(Refused):
    """This member may not do this (403)."""

    status = 403


class Conflict(Refused):
    """Somebody else was faster, or the state has moved on (409)."""

    status = 409


class Gone(Refused):
    """It was here, and is not any more or not as it was (410)."""

    status = 410


NO_ROOM_SAID = (
    "The disk that keeps uploaded files is full. Nothing was changed, and your file was not stored. "
    "Tell whoever runs Plumbline; try again when there is room."
)


class StorageFull(Refused):
    """There is no room for a file (507)."""

    status = 507
