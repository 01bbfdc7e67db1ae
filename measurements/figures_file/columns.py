"""Which columns a figures file has, and which of them a service level needs. How a row is checked: `rows.py`."""

NUMBERS = ("numerator", "denominator", "value", "downtime", "maintenance", "relieved")
REQUIRED = ("service_level", "period")
COLUMNS = (*REQUIRED, "part", *NUMBERS, "incident", "note")
# What the workbook to fill in says besides, for whoever fills it in: read over.
FOR_PEOPLE = ("name", "unit", "target", "last value")
# The most characters of a text.
LONGEST = {"part": 80, "incident": 80, "note": 2000}
# By the kind of measure.
NEEDED = {
    "ratio": ("numerator", "denominator"),
    "availability": ("downtime", "maintenance"),
    "value": ("value",),
    "count": ("value",),
}
# A plain value has no cases or minutes that could be relieved.
RELIEVABLE = ("ratio", "availability", "count")
