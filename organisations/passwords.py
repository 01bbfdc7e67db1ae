"""What makes a password good enough: length (in the settings), and that nobody guesses it from lists of leaked ones."""

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

LEAST = 3  # of zxcvbn's 0 to 4: more than a hundred million guesses
LOOKED_AT = 72  # characters; the work grows with the square of the length, and what is longer is long enough


class NotGuessable:
    """Refuses, in one sentence, what is on Django's or zxcvbn's list of leaked passwords, or is made from it, from dates, keys side by side
    or one's own name."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator()

    def validate(self, password: str, user: Any = None) -> None:
        of_user = [getattr(user, "email", ""), getattr(user, "name", "")]
        own = [word for text in of_user for word in re.split(r"[\W_]+", text.lower()) if len(word) > 2]
        guessed = zxcvbn(password[:LOOKED_AT], user_inputs=["plumbline", *own])["score"] < LEAST
        if guessed or password.lower().strip() in self.common.passwords:
            raise ValidationError(
                "That is soon guessed: it is on lists of leaked passwords, or made from one, from a date or a name. "
                "Several words that do not belong together are better.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "Nothing that is on lists of leaked passwords; several words that do not belong together are best."
