"""Registers that number companies, and how their numbers are written.

Codes of registers are those of org-id.guide, which public contract data use too.
"""

import re
from dataclasses import dataclass

from lib.errors import RuleBroken


@dataclass(frozen=True)
class Scheme:
    """A register: its words for people, the shape of its numbers without spaces and dots, an example."""

    label: str
    shape: str
    example: str


SCHEMES: dict[str, Scheme] = {
    "GB-COH": Scheme("Company number (United Kingdom)", r"[A-Z]{2}\d{6}|\d{8}", "01234567"),
    "IE-CRO": Scheme("Company number (Ireland)", r"\d{5,6}", "123456"),
    "US-EIN": Scheme("Employer identification number (United States)", r"\d{9}", "12-3456789"),
    "DE-HRB": Scheme("Commercial register (Germany)", r"HR[AB]\d{1,6}[A-Z]*", "HRB 12345"),
    "FR-SIREN": Scheme("SIREN (France)", r"\d{9}", "732829320"),
    "XI-LEI": Scheme("Legal entity identifier", r"[A-Z0-9]{18}\d{2}", "5493001KJTIIGC8Y1R12"),
    "XI-DUNS": Scheme("D-U-N-S number", r"\d{9}", "150483782"),
    "VAT": Scheme("VAT number", r"[A-Z]{2}[A-Z0-9]{2,12}", "GB123456789"),
    "OTHER": Scheme("Another register", r"[A-Z0-9/]{2,40}", "K 1234"),
}


def normalised(scheme: str, value: str) -> str:
    """The number as it is kept: capitals, without spaces, dots and hyphens; a UK number of seven digits gets its nought.

    RuleBroken for an unknown register and for a number that it cannot have given.
    """
    if scheme not in SCHEMES:
        raise RuleBroken("identifier_scheme", "There is no such register. Choose one of the list.")
    known = SCHEMES[scheme]
    number = re.sub(r"[\s.\-]", "", value).upper()
    if scheme == "GB-COH" and re.fullmatch(r"\d{6,7}", number, re.ASCII):
        number = number.zfill(8)
    if not re.fullmatch(known.shape, number, re.ASCII):
        raise RuleBroken(
            "identifier", f"“{value.strip()}” is not a {_lower(known.label)}. Write it like {known.example}."
        )
    if scheme == "XI-LEI" and int("".join(str(int(sign, 36)) for sign in number)) % 97 != 1:
        raise RuleBroken("identifier", f"“{number}” has a mistyped sign: its check digits do not fit.")
    return number


def _lower(label: str) -> str:
    """For the middle of a sentence; what is written in capitals stays so."""
    return label if label[:2].isupper() or label.startswith("D-U") else label[:1].lower() + label[1:]
