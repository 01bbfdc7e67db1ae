"""Several invitations at once: addresses that were pasted, or a CSV file. Reads; invites nobody."""

import csv
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from organisations.rules import VENDOR_ROLES, Role

MOST = 200  # at once
MAX_BYTES = 200_000
COLUMNS = ("email", "role", "vendor")
BETWEEN = re.compile(r"[,;\n]+")


@dataclass(frozen=True)
class Wanted:
    """An address to invite; `line` is where it stands, from 1. `vendor_code` is empty for the client's own people."""

    line: int
    email: str
    role: str
    vendor_code: str = ""


class UnreadableList(ValueError):
    """Addresses that cannot be used. `problems` has a sentence for each line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0])
        self.problems = problems


def from_text(text: str, *, role: str, vendor_code: str = "") -> list[Wanted]:
    """Addresses one a line, or separated by commas or semicolons, also as “Name <address>”; all into one role.

    Raises UnreadableList.
    """
    rows = [
        Wanted(number, _address(part), role, vendor_code)
        for number, line in enumerate(text.splitlines(), 1)
        for part in BETWEEN.split(line)
        if part.strip()
    ]
    return checked(rows, [])


def from_csv(source: bytes, *, role: str, vendor_code: str = "", vendor_codes: Collection[str] = ()) -> list[Wanted]:
    """Rows of a CSV file (UTF-8) with a column `email` and, where they differ from the form, `role` and `vendor` (its code).

    Raises UnreadableList.
    """
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableList(["The file is not UTF-8 text. Save it as “CSV UTF-8” and choose it again."]) from None
    rows = list(csv.reader(io.StringIO(text), _dialect(text)))
    head = [name.strip().lower().replace("e-mail", "email") for name in rows[0]] if rows else []
    if "email" not in head:
        raise UnreadableList(["The first line must name the columns: email, and if you like role and vendor."])
    if unknown := [name for name in head if name and name not in COLUMNS]:
        raise UnreadableList([f"There is no column “{unknown[0]}”. The columns are email, role and vendor."])
    wanted, problems = [], []
    for number, cells in enumerate(rows[1:], 2):
        row = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        if not any(row.values()):
            continue
        named = _role(row["role"]) if row.get("role") else role
        code = row.get("vendor") or (vendor_code if named in VENDOR_ROLES else "")
        if not named:
            roles = ", ".join(Role.values)
            problems.append(f"Line {number}: there is no role “{row['role']}”. The roles are {roles}.")
        elif code and code not in vendor_codes:
            problems.append(f"Line {number}: there is no vendor with the code “{code}”. {_known(vendor_codes)}")
        wanted.append(Wanted(number, _address(row.get("email", "")), named, code))
    return checked(wanted, problems)


def _dialect(text: str) -> type[csv.Dialect]:
    """Spreadsheets in some countries write semicolons."""
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found


def _address(text: str) -> str:
    """`Nora Quist <nora@example.test>` gives the address; other text stays as it is, to be quoted."""
    return (parseaddr(text)[1] if "<" in text else text).strip().lower()


def _role(text: str) -> str:
    """A role by its word in the file or on the page, in any case of letters; empty where there is none."""
    words = {name: role.value for role in Role for name in (role.value, role.label.lower())}
    return words.get(text.strip().lower(), "")


def _known(codes: Collection[str]) -> str:
    shown = sorted(codes)
    return f"The codes are {', '.join(shown)}." if 0 < len(shown) <= 12 else "Codes are on the page Vendors."


def checked(rows: list[Wanted], problems: Iterable[str] = ()) -> list[Wanted]:
    """The rows, if each has an address and none stands there twice; else raises UnreadableList, with `problems` first."""
    found = list(problems)
    first: dict[str, int] = {}
    for row in rows:
        try:
            validate_email(row.email)
        except ValidationError:
            found.append(
                f"Line {row.line}: “{row.email}” is not an e-mail address. Write it like name@company.example."
                if row.email
                else f"Line {row.line}: the address is missing."
            )
            continue
        if row.email in first:
            found.append(f"Line {row.line}: {row.email} is in line {first[row.email]} too. Leave one out.")
        first.setdefault(row.email, row.line)
    if not rows and not found:
        found.append("Enter at least one address.")
    if len(rows) > MOST:
        found.insert(0, f"These are {len(rows)} addresses; at most {MOST} are invited at once.")
    if found:
        raise UnreadableList(found)
    return rows
