"""What a spreadsheet shows of a cell: 0.97 as 97%, 7 as INC-0007, -5 as (5). People enter what they see, so that is what is read."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

# Formats that a workbook names by number alone (ECMA-376, 18.8.30); the others stand in it in full.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    48: "##0.0E+0",
    49: "@",
}
WHOLE, TWO, MONEY = "#,##0_);(#,##0)", "#,##0.00_);(#,##0.00)", '"¤"'
BUILT_IN |= {37: WHOLE, 38: WHOLE, 39: TWO, 40: TWO}
BUILT_IN |= {5: MONEY + WHOLE, 6: MONEY + WHOLE, 7: MONEY + TWO, 8: MONEY + TWO}  # the currency is the reader's own
BUILT_IN |= {41: f'{WHOLE};"-"_)', 43: f'{TWO};"-"??_)', 42: f'{MONEY}{WHOLE};"-"_)', 44: f'{MONEY}{TWO};"-"??_)'}
DATES = {*range(14, 23), 45, 46, 47, *range(27, 37), *range(50, 59)}

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<blank>[_*].)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|@)|(?P<digits>[#0?][#0?,.]*|\.[#0?]+)|(?P<percent>%)|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
LITERAL = frozenset(" $-+():!^&'~{}")  # shown as they are without quotes; letters are days, hours, exponents
PATTERN = re.compile(r"([#0?,]*)(?:\.([0#?]+))?")
DASHES = frozenset("-\u2013\u2014")  # nothing, in books of account
GENERAL_DIGITS = 11  # a longer whole number is shown as 1.23457E+17
WIDE = Context(prec=40)
ANOTHER_FORM = (
    "holds {:f} and shows it in another form; format the cell as a number, or as text, and enter what you mean"
)


class Unreadable(ValueError):
    """What is shown cannot be told, or is another number than the one that is held: the words say what to do."""


@dataclass
class _Section:
    """One of the formats between semicolons: what stands before the number, its digits, and what stands after it."""

    before: str = ""
    digits: str | None = None  # "" shows the number as it is
    after: str = ""
    percents: int = 0
    is_text: bool = False
    strange: bool = False  # shows it in a form that is not read: a day, a fraction, a condition

    def add(self, kind: str, text: str) -> None:
        if kind in ("general", "digits"):
            self.strange |= self.digits is not None
            self.digits = text if kind == "digits" else ""
            self.is_text |= text == "@"
        elif kind == "percent":
            self.percents += 1
            self._literal("%")
        elif kind == "bracket":  # a colour, or a condition
            self.strange |= text[:1] in ("<", ">", "=")
        elif kind == "other" and text.isascii() and text not in LITERAL:
            self.strange = True
        elif kind != "blank":
            self._literal(text)

    def _literal(self, text: str) -> None:
        if self.digits is None:
            self.before += text
        else:
            self.after += text


def _sections(code: str) -> list[_Section]:
    found = [_Section()]
    for token in TOKEN.finditer(code):
        kind = token.lastgroup or ""
        if kind == "end":
            found.append(_Section())
        else:
            found[-1].add(kind, token[kind])
    return found


def shown(value: float, code: str) -> str:
    """The number as its cell shows it, without separators of thousands: "97%", "00007", "INC-0007", "98.5".

    Unreadable where fewer decimals are shown than are held, where its sign or all of it is hidden, and for scientific notation,
    fractions, conditions and thousands.
    """
    held = Decimal(format(value, ".15g"))
    sections = _sections(code or "General")
    numeric = [one for one in sections[:3] if not one.is_text] or sections[:1]
    own = 1 if held < 0 and len(numeric) > 1 else 2 if held == 0 and len(numeric) > 2 else 0
    section = numeric[own]
    if any(one.strange for one in sections):
        raise Unreadable(ANOTHER_FORM.format(held))
    amount = abs(held) * 100**section.percents
    digits = "" if section.digits is None else _rounded(amount, section.digits)
    before, after, negative = section.before, section.after, held < 0 and own == 0
    if held < 0 and own == 1:
        negative, before, after = _signed(before, after)
    text = f"{before}{digits}{after}".strip()
    if held == 0 and not digits and text in DASHES:
        return "0"
    if not digits or (held < 0 and not negative):
        raise Unreadable(f"shows {text or 'nothing'} and holds {held:f}; format the cell as a number")
    return f"-{text}" if negative else text


def _signed(before: str, after: str) -> tuple[bool, str, str]:
    """Whether what stands around a number says that it is negative, and the rest of that: -5 and (5)."""
    if "-" in before or "\u2212" in before:
        return True, before.replace("-", "", 1).replace("\u2212", "", 1), after
    if "(" in before and ")" in after:
        return True, before.replace("(", "", 1), after.replace(")", "", 1)
    return False, before, after


def _rounded(amount: Decimal, pattern: str) -> str:
    """An amount of 0 or more in the digits of a format; empty where nothing of it is shown."""
    if not pattern:
        return f"{amount:f}"
    found = PATTERN.fullmatch(pattern)
    if not found or found[1].endswith(","):
        raise Unreadable(ANOTHER_FORM.format(amount))
    whole, decimals = found[1].replace(",", ""), found[2] or ""
    text = amount.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, WIDE)
    if text != amount:
        raise Unreadable(
            f"shows {text:f} and holds {amount:f}; enter the number that you mean, with all its decimals shown"
        )
    before, _, after = f"{text:f}".partition(".")
    while after.endswith("0") and len(after) > decimals.count("0"):
        after = after[:-1]
    if text == 0 and "0" not in whole + decimals:
        return ""
    return before.zfill(whole.count("0")) + (f".{after}" if after else "")


def shown_text(text: str, code: str) -> str:
    """A text as its cell shows it: with what its format puts around it."""
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else next((one for one in sections if one.is_text), None)
    if section is None:
        return text
    if section.digits is None:
        raise Unreadable(f"shows {section.before.strip() or 'nothing'} and holds a text; format the cell as text")
    return f"{section.before}{text}{section.after}"
