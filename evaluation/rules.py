"""Words of a judgement. When a target is met stands in `evaluation/sql/results.sql`: `banded`, `classified`, `decided`."""

from django.db.models import TextChoices

VALUE_PLACES = 12  # decimals that a value is kept with
# What a triggered rule leads to that the vendor is told of. Rights of the client are its own matter.
SAID_TO_VENDOR = ("notify", "rectification_plan")


class Outcome(TextChoices):
    MET = "met", "Met"
    MISS = "miss", "Missed target"
    DEFAULT = "default", "Breach"
    NOT_MEASURED = "not_measured", "No data"
    NO_VOLUME = "no_volume", "No volume"
    EXEMPT = "exempt", "Exempt"
    PENDING = "pending", "Pending"
