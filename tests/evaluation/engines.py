"""The engines that judge contracts, with one face: (contract, figures, as-of day) → what `manage.py try` prints.

The oracle reads the rules in Python; the product reads the contract file and the figures file and judges in SQL.
"""

import csv
import io
import json
from datetime import date
from decimal import Decimal

from contracts import contract_file
from measurements import figures_file
from measurements.figures_file import COLUMNS
from scorecards.trial import try_contract


def product(contract, figures, as_of=None):
    """The product's judgement. contract: the contract file as a plain dict; figures: rows of texts; as_of: day or None.

    BadFile or BadFigures where the product refuses them. Needs the database; leaves nothing in it.
    """
    file = contract_file.read(as_text(contract))
    rows = figures_file.read(as_csv(figures), "figures.csv", figures_file.expectations(file))
    return try_contract(file, rows, as_day(as_of))


def as_text(contract):
    """A contract file as JSON, which is YAML too; days and decimals as texts."""
    return json.dumps(contract, default=_text_of)


def _text_of(value):
    return value.isoformat() if isinstance(value, date) else str(Decimal(value))


def as_day(given):
    return date.fromisoformat(given) if isinstance(given, str) else given


def as_csv(figures):
    """Rows of a figures file as its bytes, with all columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(figures)
    return text.getvalue().encode()
