"""What forms take: codes to their last letter."""

import pytest

from organisations.forms import VendorForm


@pytest.mark.parametrize(
    ("code", "taken"), [("TERN-1", True), ("TERN\n", False), ("ΤERN", False), ("٣", False), ("-T", False)]
)
def test_a_code_is_of_plain_letters_to_its_end(code: str, taken: bool) -> None:
    assert VendorForm({"name": "Tern", "code": code}).is_valid() is taken
