"""The smallest parts of a contract file: numbers, texts, days, months, hours.

A refusal here is a whole sentence: what is wrong and how to write it. Numbers arrive as their text and become exact
decimals; a float never comes into being.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import list_currencies
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts import calendar
from contracts.contract_file.problems import CONTROL, printable
from lib.names import one_name

NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
LONGEST_NUMBER = 60  # characters; what is longer is not looked at for what may have been meant
ZERO_BELOW = re.compile(r"-0*(\.0*)?")
GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,12})?")
REMEDIES = (
    (re.compile(","), ".", "write it with a point"),
    (re.compile("_"), "", "leave out the underscore"),
    (re.compile("['’]"), "", "leave out the apostrophe"),
    (re.compile(r"\A\+|\s*%\Z|\A-(?=0*(\.0*)?\Z)"), "", "leave out the sign"),
    (re.compile(r"\s"), "", "leave out the space"),
)
PLACES = 12
MONEY_PLACES = 6  # more than any currency has: a point may be worth a fraction of a cent
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
YEAR_AND_MONTH = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"
HOURS = re.compile(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}")
CONTROL_IN_PROSE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Nobody's legal tender, but ISO 4217 lists them because prices are agreed in them: indexed units, WIR, drawing rights.
UNITS_OF_ACCOUNT = ("BOV", "CHE", "CHW", "CLF", "COU", "MXV", "UYI", "UYW", "XDR", "XSU", "XUA")
ZONES_OF_A_MACHINE = {"localtime", "Factory"}  # what they are is set where the program runs
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def refusal(message: str) -> PydanticCustomError:
    """The error of a validator, shown as it stands: braces in what the user wrote are no template."""
    return PydanticCustomError("refused", "{message}", {"message": message})


def shown(value: Any) -> str:
    """A value inside a message: its kind, or its text in backquotes, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"`{printable(str(value))}`"


# Numbers ---------------------------------------------------------------------------------------------------------


def _decimal(value: Any, places: int = PLACES) -> Decimal:
    """`places` are those that a number may have here; it is for the caller to count them."""
    if isinstance(value, str) and NUMBER.fullmatch(value) and not ZERO_BELOW.fullmatch(value):
        return Decimal(value)
    hint = _remedy(value) if isinstance(value, str) and len(value) <= LONGEST_NUMBER else None
    hint = hint or f"write up to 12 digits, a point and up to {places} decimals, such as 99.5"
    raise refusal(f"{shown(value)} is not a plain decimal number; {hint}")


def plain_number(value: Any) -> str | None:
    """The digits of what is, or was probably meant as, a number; None where it is none."""
    if not isinstance(value, str) or len(value) > LONGEST_NUMBER:
        return None
    digits = value.replace(",", "") if GROUPED.fullmatch(value) else value
    return digits if NUMBER.fullmatch(digits) else None


def _remedy(text: str) -> str | None:
    """How to write the number that was probably meant; None where there is no telling."""
    if GROUPED.fullmatch(text):
        # One comma alone may stand for thousands or for decimals: whoever wrote it must say.
        decimal = text.replace(",", ".")
        choice = f", or write {decimal} if it is a decimal one" if NUMBER.fullmatch(decimal) else ""
        return f"leave out the comma of thousands, {text.replace(',', '')}{choice}"
    for wrong, right, hint in REMEDIES:
        better = wrong.sub(right, text)
        if better != text and NUMBER.fullmatch(better):
            return f"{hint}, {better}"
    return None


def _bounded(
    least: Decimal | None, above: bool, most: Decimal | None, places: int = PLACES
) -> Callable[[Any], Decimal]:
    def number(value: Any) -> Decimal:
        decimal = _decimal(value, places)
        if least is not None and (decimal <= least if above else decimal < least):
            raise refusal(
                f"{format_decimal(decimal)} must be {'above' if above else 'at least'} {format_decimal(least)}"
            )
        if most is not None and decimal > most:
            raise refusal(f"{format_decimal(decimal)} must be at most {format_decimal(most)}")
        return decimal

    return number


def _amount(value: Any) -> Decimal:
    amount = _bounded(Decimal(0), False, None, MONEY_PLACES)(value)
    if -int(amount.as_tuple().exponent) > MONEY_PLACES:
        raise refusal(
            f"{format_decimal(amount)} has too many decimals for an amount of money; write up to {MONEY_PLACES}"
        )
    return amount


def format_decimal(number: Decimal) -> str:
    """A decimal as its digits, never with an exponent."""
    return format(number, "f")


def _number(pattern: str, **bounds: Any) -> dict[str, Any]:
    """The schema of a number, written with or without quotes: the pattern keeps the bounds where JSON Schema cannot."""
    return {"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": f"^{pattern}$"}]}


def _number_schema(pattern: str, **bounds: Any) -> WithJsonSchema:
    return WithJsonSchema(_number(pattern, **bounds))


AS_DIGITS = PlainSerializer(format_decimal, return_type=str, when_used="json")
UNSIGNED = r"[0-9]{1,12}(\.[0-9]{1,12})?"
UP_TO_100 = r"0{0,9}(100(\.0{1,12})?|[0-9]{1,2}(\.[0-9]{1,12})?)"
NOT_ZERO = "(?=.*[1-9])"
Number = Annotated[Decimal, PlainValidator(_decimal), AS_DIGITS, _number_schema(rf"-?{UNSIGNED}")]
Positive = Annotated[
    Decimal,
    PlainValidator(_bounded(Decimal(0), True, None)),
    AS_DIGITS,
    _number_schema(NOT_ZERO + UNSIGNED, exclusiveMinimum=0),
]
NotNegative = Annotated[
    Decimal, PlainValidator(_bounded(Decimal(0), False, None)), AS_DIGITS, _number_schema(UNSIGNED, minimum=0)
]
Amount = Annotated[
    Decimal,
    PlainValidator(_amount),
    AS_DIGITS,
    _number_schema(rf"[0-9]{{1,12}}(\.[0-9]{{1,{MONEY_PLACES}}})?", minimum=0),
]
Percent = Annotated[
    Decimal,
    PlainValidator(_bounded(Decimal(0), False, Decimal(100))),
    AS_DIGITS,
    _number_schema(UP_TO_100, minimum=0, maximum=100),
]


def _pair(value: Any) -> tuple[Decimal, Decimal]:
    if not isinstance(value, list) or len(value) != 2:
        raise refusal(f"must be a pair [low, high], not {shown(value)}")
    return _decimal(value[0]), _decimal(value[1])


Pair = Annotated[
    tuple[Decimal, Decimal],
    PlainValidator(_pair),
    PlainSerializer(lambda pair: [format_decimal(number) for number in pair], return_type=list[str], when_used="json"),
    WithJsonSchema({"type": "array", "minItems": 2, "maxItems": 2, "items": _number(rf"-?{UNSIGNED}")}),
]


def whole(least: int, most: int) -> Any:
    """The type of a whole number from `least` to `most`."""

    def number(value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,12}", value) or ZERO_BELOW.fullmatch(value):
            raise refusal(f"{shown(value)} is not a whole number; write digits only, such as {max(least, 1)}")
        if not least <= int(value) <= most:
            raise refusal(f"{int(value)} must be from {least} to {most}")
        return int(value)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    either = {"anyOf": [schema, {"type": "string", "pattern": f"^{NOT_ZERO if least else ''}[0-9]{{1,12}}$"}]}
    return Annotated[
        int, PlainValidator(number), PlainSerializer(str, return_type=str, when_used="json"), WithJsonSchema(either)
    ]


def _version(value: Any) -> int:
    if value != "1":
        raise refusal(f"{shown(value)} is not a version of this format that can be read; write `plumbline: 1`")
    return 1


Version = Annotated[
    int,
    PlainValidator(_version),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"enum": [1, "1"]}),
]


# Text ------------------------------------------------------------------------------------------------------------


def text(longest: int, *, prose: bool = False, empty: bool = False, key: bool = False) -> Any:
    """The type of a text of at most `longest` characters, stripped of white space; `prose` may have line breaks. Of a `key` nothing
    remains that is not seen."""
    forbidden = CONTROL_IN_PROSE if prose else CONTROL

    def checked(value: Any) -> str:
        if not isinstance(value, str):
            raise refusal(f"must be text, not {shown(value)}; put a text in quotes")
        value = value.strip()
        if forbidden.search(value):
            raise refusal("contains a line break or a control character; remove it")
        value = one_name(value) if key else value
        if not value and not empty:
            raise refusal("is empty; write a text")
        if len(value) > longest:
            raise refusal(f"has {len(value):,} characters; at most {longest:,} are kept")
        return str(value)

    # A number without quotes is text as well: it stays as it was written.
    schema = {"type": ["string", "number"], "maxLength": longest, **({} if empty else {"pattern": r"\S"})}
    return Annotated[str, PlainValidator(checked), WithJsonSchema(schema)]


Code = text(40, key=True)
Reference = text(60, key=True)
Name = text(120, key=True)
Title = text(200)
Prose = text(10_000, prose=True, empty=True)


def _matching(check: Callable[[str], str | None], schema: dict[str, Any], *, wanted: str = "text") -> Any:
    """The type of a text for which `check` finds nothing to say. `wanted` says what to write, where it is no text."""

    def checked(value: Any) -> str:
        message = check(value) if isinstance(value, str) else f"must be {wanted}, not {shown(value)}"
        if message:
            raise refusal(message)
        return str(value)

    return Annotated[str, PlainValidator(checked), WithJsonSchema({"type": "string", **schema})]


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@lru_cache(maxsize=1)
def last_days_of_currencies() -> dict[str, date]:
    """Until when each currency is money somewhere, `date.max` for those in use; codes that never are, such as XAU, lack."""
    last = dict.fromkeys(UNITS_OF_ACCOUNT, date.max)
    for uses in get_global("territory_currencies").values():
        for code, _, end, tender in uses:
            if tender:
                last[code] = max(last.get(code, date.min), date(*end) if end else date.max)
    return last


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - ZONES_OF_A_MACHINE


def _check_currency(value: str) -> str | None:
    if value in _currencies():
        return None
    return f"{shown(value)} is not a currency of ISO 4217; write its three capital letters, such as GBP"


def _check_timezone(value: str) -> str | None:
    if value in _timezones():
        return None
    return f"{shown(value)} is not a time zone; write it as area and city, such as Europe/London, or UTC"


def _check_hours(value: str) -> str | None:
    if not HOURS.fullmatch(value):
        return f"{shown(value)} is not a span of hours; write it as 09:00-17:00"
    try:
        calendar.hours_of(value)
    except ValueError as error:
        return f"{shown(value)} is not a span of hours: {error}"
    return None


def _check_holidays(value: str) -> str | None:
    if calendar.knows_holidays(value):
        return None
    return (
        f"no holidays are known for {shown(value)}; write a country with or without a subdivision, "
        "such as GB-ENG or DE, or list the days"
    )


def _check_month(value: str) -> str | None:
    if MONTH.fullmatch(value) and EARLIEST.year <= int(value[:4]) <= LATEST.year:
        return None
    return f"{shown(value)} is not a month; write year and month, such as 2024-04"


Currency = _matching(_check_currency, {"pattern": "^[A-Z]{3}$"})
Timezone = _matching(_check_timezone, {"minLength": 1})
Hours = _matching(_check_hours, {"pattern": f"^{TIME}-({TIME}|24:00)$"})
HolidayName = _matching(_check_holidays, {"minLength": 2}, wanted="a country, such as GB-ENG or DE, or a list of days")
Month = _matching(_check_month, {"pattern": f"^{YEAR_AND_MONTH}$"})


# Days ------------------------------------------------------------------------------------------------------------


def _date(value: Any) -> date:
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise refusal(f"{shown(value)} is not a day of the calendar") from None
        if EARLIEST <= day <= LATEST:
            return day
        raise refusal(f"{day} must be a day from {EARLIEST} to {LATEST}")
    raise refusal(f"{shown(value)} is not a date; write year, month and day, such as 2024-04-01")


Day = Annotated[
    date,
    PlainValidator(_date),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{YEAR_AND_MONTH}-(0[1-9]|[12][0-9]|3[01])$"}),
]
