"""How grave a breach is. Who is told when nobody takes it up is decided by the organisation: organisations.ladder."""

from django.db.models import TextChoices


class Severity(TextChoices):
    """By the band that the result reached: the worst of several default bands, the mildest, or one between (sql/severity.sql)."""

    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"
