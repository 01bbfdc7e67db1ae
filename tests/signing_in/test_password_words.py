"""A password that is too easy is refused in one sentence, whichever list knows it."""

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

# Long enough, and on Django's own list, whatever else is thought of it.
COMMON = sorted(word for word in CommonPasswordValidator().passwords if len(word) >= 12)


@pytest.mark.parametrize("password", [COMMON[0], COMMON[-1].upper(), "passwordpassword", "qwertyuiop123456"])
def test_one_sentence(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert [error.code for error in refused.value.error_list] == ["password_guessable"]


def test_every_common_one_is_refused() -> None:
    for word in COMMON[:: max(1, len(COMMON) // 50)]:
        with pytest.raises(ValidationError):
            validate_password(word)
