"""What an organisation has decided for itself."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lib.formats import DayStyle, NumberStyle
from organisations.house import HOUSE_COLUMNS, House, house_of
from organisations.ladder import Ladder, ladder_from
from organisations.rules import SecondFactor
from organisations.tenancy import TenantModel


class OrganisationSettings(TenantModel):
    """The decisions of an organisation; without a row, the defaults. The door reads it before it opens a scope."""

    CALLED = ()
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    LOGIN_ACCESS = "SELECT"

    timezone = models.CharField("time zone", max_length=40, default="UTC")  # of what has no contract, and of people
    quiet_from = models.TimeField(null=True, blank=True)  # letters wait from then, by the organisation's clock,
    quiet_until = models.TimeField(null=True, blank=True)  # until then: over midnight where it is the earlier hour
    working_days = models.CharField(max_length=7, default="1234567")  # 1 is Monday: letters wait on the other days
    second_factor = models.CharField(max_length=10, choices=SecondFactor, default=SecondFactor.NOBODY)
    second_factor_from = models.DateField(null=True, blank=True)  # until then whoever must have one is only reminded
    bands = models.JSONField("score bands", default=list, blank=True)  # organisations.house; empty: the usual five
    logo_hash = models.CharField("logo", max_length=64, blank=True)  # SHA-256, hexadecimal
    number_style = models.CharField(
        "numbers",
        max_length=12,
        choices=NumberStyle,
        default=NumberStyle.COMMA_POINT,
        db_default=NumberStyle.COMMA_POINT,
    )
    day_style = models.CharField(
        "dates", max_length=12, choices=DayStyle, default=DayStyle.DAY_FIRST, db_default=DayStyle.DAY_FIRST
    )
    # Where a contract says nothing (contracts.defaults); null: figures are never accepted by themselves, plans after the usual number.
    accept_after = models.PositiveSmallIntegerField("accepted after working days", null=True, blank=True)
    verify_after = models.PositiveSmallIntegerField("verified after periods met", null=True, blank=True)
    # In units of each contract's currency: whoever waives less needs nobody else. Null: every amount needs two people.
    two_people_from = models.DecimalField("two people from", max_digits=14, decimal_places=2, null=True, blank=True)
    # How long things are kept; null: for ever.
    keep_evidence_years = models.PositiveSmallIntegerField("evidence kept for years", null=True, blank=True)
    keep_trail_years = models.PositiveSmallIntegerField("trail kept for years", null=True, blank=True)
    keep_mail_days = models.PositiveSmallIntegerField("letters kept for days", null=True, blank=True)
    # How many approve a revision, by what it changes, and from which yearly effect two do: agreements.rules.Chain; null: one.
    approvals = models.JSONField("approvals of revisions", null=True, blank=True)
    # Who is told of a breach that nobody takes up: organisations.ladder; null: the usual.
    escalation = models.JSONField("escalation of breaches", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)  # counted up by every change: what was seen is said

    # Unscoped: only the door may use it, always with an organisation.
    unscoped: ClassVar[models.Manager["OrganisationSettings"]] = models.Manager()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation"], name="settings_once"),
            models.CheckConstraint(
                name="settings_quiet_hours",
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
            ),
        ]

    def __str__(self) -> str:
        return "of the organisation"

    @property
    def ladder(self) -> Ladder:
        return ladder_from(self.escalation)

    @property
    def house(self) -> House:
        return house_of({name: getattr(self, name) for name in HOUSE_COLUMNS})


class Logo(TenantModel):
    """The picture that stands for the organisation, a PNG of checked parts. That it changed is in the trail by its hash."""

    STAFF_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    AUDITED = False

    content = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation"], name="logo_once")]

    def __str__(self) -> str:
        return "of the organisation"
