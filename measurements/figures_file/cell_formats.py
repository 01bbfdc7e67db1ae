"""What a spreadsheet shows of a number: 0.97 as 97%, 7 as 00007, 45383 as a day. People enter what they see, so that is what is read."""

import re
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
}
BUILT_IN |= {37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 48: "##0.0E+0", 49: "@"}
DATES = {14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47}

WORDLESS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!\$)[^\]]*\]')
CURRENCY = re.compile(r"\[\$([^\]-]*)[^\]]*\]|([$£€¥])")
PLAIN = re.compile(r"[#0?,]*(?:\.([0#?]+))?")
GENERAL_DIGITS = 11  # a longer whole number is shown as 1.23457E+17
WIDE = Context(prec=40)


class Unreadable(ValueError):
    """What is shown cannot be told, or is another number than the one that is held: the words say what to do."""


def is_date(code: str) -> bool:
    """Whether a format shows a day or a time."""
    bare = CURRENCY.sub("", WORDLESS.sub("", code.partition(";")[0])).lower()
    return bare not in ("general", "@") and bool(re.search(r"[ymdhs]", bare))


def shown(value: float, code: str) -> str:
    """The number as its cell shows it, without separators of thousands: "97%", "00007", "98.5".

    Unreadable where fewer decimals are shown than are held, and for scientific notation, fractions and thousands.
    """
    held = Decimal(format(value, ".15g"))
    first = code.partition(";")[0]
    sign = CURRENCY.search(first)
    bare = CURRENCY.sub("", WORDLESS.sub("", first)).strip()
    if bare in ("", "@") or bare.lower() == "general":
        return f"{held:f}"
    if "%" in bare:
        return f"{_rounded(held * 100, bare.replace('%', ''))}%"
    text = _rounded(held, bare)
    return f"{sign.group(1) or sign.group(2)}{text}" if sign else text


def _rounded(held: Decimal, bare: str) -> str:
    bare = bare.strip()
    found = PLAIN.fullmatch(bare)
    if not found or bare.endswith(","):
        raise Unreadable(
            f"holds {held:f} and shows it in another form; format the cell as a number and enter what you mean"
        )
    places = len(found.group(1) or "")
    text = held.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    if text != held:
        raise Unreadable(
            f"shows {text:f} and holds {held:f}; enter the number that you mean, with all its decimals shown"
        )
    whole = bare.partition(".")[0]
    digits = whole[whole.find("0") :].count("0") if "0" in whole else 0
    exact, least = f"{text:f}", (found.group(1) or "").count("0")
    while "." in exact and exact[-1] in "0." and len(exact.partition(".")[2]) > least:
        exact = exact[:-1]
    exact = exact.rstrip(".")
    sign, exact = ("-", exact[1:]) if exact.startswith("-") else ("", exact)
    before, point, after = exact.partition(".")
    return f"{sign}{before.zfill(digits)}{point}{after}"
