"""Parts of a contract that are written once, or as versions with the day from which each holds."""

from .days import day, last_day_of


def in_force(part, a_day):
    """The version in force on a day: the last that has begun. The first one begins with the contract, whether it says so or not."""
    if not isinstance(part, list):
        return part
    begun = [version for version in part[1:] if day(version["from"]) <= a_day]
    return max(begun, key=lambda version: day(version["from"])) if begun else part[0]


def of_month(part, month):
    """A month belongs to the version in force on its last day."""
    return in_force(part, last_day_of(month))
