"""How an explanation writes numbers: what is computed with stands there in full, so that a pocket calculator comes to what is said."""

from decimal import ROUND_DOWN, Decimal

from contracts.models import Contract
from explanations.words import ELLIPSIS, WIDE, format_number
from lib.formats import active
from lib.templatetags.money import sign_of
from lib.templatetags.numbers import MINUS

PRECISE = 12  # decimals of an amount that is computed with: as many as a number of a contract may have
EXACT, NEAR = Decimal("1e-9"), Decimal("1e-6")


def settled(value: Decimal) -> Decimal:
    """A number that points were computed with, without the traces of thirds.

    Points are kept to 12 places, so that 18.666666666667 × 1.5 is not 28 but a hair more. As in evaluation/sql/credit.sql a number
    with more than 9 places is the one with 6 that it lies next to; any other stays as it is.
    """
    if value == value.quantize(EXACT, context=WIDE):
        return value
    near = value.quantize(NEAR, context=WIDE)
    return near if abs(value - near) < EXACT else value


def format_points(value: Decimal) -> str:
    """Points, or units of a tariff: with an ellipsis only where decimals follow that count."""
    return format_number(settled(value))


def format_cash(contract: Contract, value: Decimal) -> str:
    """An amount in the contract's currency: its minor unit or all its decimals, £1,000.00, £154.16665125; cut, with an ellipsis, at 12."""
    cut = value.quantize(Decimal(1).scaleb(-PRECISE), ROUND_DOWN, WIDE).normalize(WIDE)
    places = max(contract.minor_unit, -int(cut.as_tuple().exponent))
    # Not by `amount`, which rounds with 28 digits: a limit of percentages may have more. No amount of an explanation is below 0.
    return f"{sign_of(contract.currency)}{active().number(f'{cut:,.{places}f}')}{ELLIPSIS if cut != value else ''}"


def format_sentence(text: str) -> str:
    """With a full stop, which would be a fourth dot after an ellipsis."""
    return text if text.endswith(ELLIPSIS) else f"{text}."


def format_difference(high: str, low: str) -> str:
    """(90 − 87) of two written numbers; what is less than 0 stands in brackets of its own: (90 − (−12.3))."""
    return f"({high} − {f'({low})' if low.startswith(MINUS) else low})"
