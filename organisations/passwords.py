"""What makes a password good enough: length (in the settings), and that nobody guesses it from lists of leaked ones."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

LEAST = 3  # of zxcvbn's 0 to 4: more than a hundred million guesses
LOOKED_AT = 72  # characters; the work grows with the square of the length, and what is longer is long enough


class NotGuessable:
    """Refuses what is on zxcvbn's list of leaked passwords, or is made from it, from dates, keys side by side or one's own name."""

    def validate(self, password: str, user: Any = None) -> None:
        of_user = [getattr(user, "email", ""), getattr(user, "name", "")]
        own = [word for text in of_user for word in re.split(r"[\W_]+", text.lower()) if len(word) > 2]
        if zxcvbn(password[:LOOKED_AT], user_inputs=["plumbline", *own])["score"] < LEAST:
            raise ValidationError(
                "That is soon guessed: it is on lists of leaked passwords, or made from one, from a date or a name. "
                "Several words that do not belong together are better.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "Nothing that is on lists of leaked passwords; several words that do not belong together are best."
