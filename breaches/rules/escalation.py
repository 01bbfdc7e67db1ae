"""How grave a breach is, and who is told when nobody takes it up."""

from typing import NamedTuple

from django.db.models import TextChoices

from organisations.rules import Role


class Severity(TextChoices):
    """By the band that the result reached: the worst of several default bands, the mildest, or one between (sql/severity.sql)."""

    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"


class Rung(NamedTuple):
    """Who is told after so many working hours of the contract in which nobody has acknowledged a breach."""

    after: int
    to: str  # IN_CHARGE, DEPUTY or a role

    @property
    def name(self) -> str:
        return NAMES.get(self.to) or Role(self.to).label


IN_CHARGE, DEPUTY = "in_charge", "deputy"
NAMES = {IN_CHARGE: "Account manager in charge", DEPUTY: "Deputy"}
# Whoever is in charge is told when the breach opens; the ladder begins where that was not enough.
LADDER: dict[str, tuple[Rung, ...]] = {
    Severity.CRITICAL: (Rung(4, IN_CHARGE), Rung(8, DEPUTY), Rung(16, Role.PROCUREMENT), Rung(40, Role.ADMINISTRATOR)),
    Severity.MAJOR: (Rung(16, IN_CHARGE), Rung(24, DEPUTY), Rung(40, Role.PROCUREMENT)),
    Severity.MINOR: (Rung(40, IN_CHARGE), Rung(80, DEPUTY)),
}
