"""Two clients whose contracts have a history and months that wait to be accepted: what the faults happen to."""

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from contracts.models import Contract
from measurements.actions import import_figures
from measurements.models import Submission
from measurements.rules import Status
from organisations.models import Membership, Organisation, Vendor
from organisations.scope import open_scope
from slas.actions import import_contract
from tests.cast import Cast

ZONE = ZoneInfo("Europe/London")
HISTORY, WAITING = 12, 4  # months
NEWS_FROM = 7  # so many months ago the contracts were entered: what came before is history and alerts nobody
CONTRACT = """
plumbline: 1
contract:
  reference: {reference}
  title: Service desk
  vendor: {{code: {vendor}, name: {vendor}}}
  starts_on: {starts_on}
  ends_on: {ends_on}
  currency: GBP
  timezone: Europe/London
  calendar: {{holidays: GB-ENG}}
  report_due: 10
  charges: {{monthly: "200000.00"}}
kras:
  - {{code: REL, name: Reliable service, weight: 100}}
service_levels:
{levels}credits:
  point: {{percent_of: charges, value: "0.5"}}
  caps: [{{percent_of: charges, value: "2.5", over: month}}]
"""
LEVEL = """
  - code: {code}
    name: Incidents of class {code} resolved on time
    kras: {{REL: 1}}
    every: month
    measure: {{kind: ratio, of: Resolved on time, among: Incidents}}
    terms:
      - from: {starts_on}
        better: higher
        bands:
          - {{name: Target, at: 95, outcome: met, points: 0, score: 100}}
          - {{name: Minor, at: 90, outcome: default, points: 1, score: 75}}
          - {{name: Serious, outcome: default, points: 2, score: 0}}
        repeat: ["1", "2"]
"""
LEVELS = ("SL-01", "SL-02", "SL-03")


def month_ago(months: int) -> date:
    """The first day of the month so many months before the current one."""
    today = timezone.localdate(timezone=ZONE)
    count = today.year * 12 + today.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


class Firm:
    """The clients of the cast with their contracts: three with Corvid and one with Halden, and one of Brightwater's."""

    def __init__(self, cast: Cast):
        self.cast = cast
        self.organisations = (cast.aldermoor, cast.brightwater)
        for reference, vendor, reporter in (
            ("MSA-1", cast.corvid, cast.ravi),
            ("MSA-2", cast.corvid, cast.ravi),
            ("MSA-3", cast.corvid, cast.vera),
            ("MSA-4", cast.halden, cast.hana),
            ("BWC-1", cast.corvid_at_brightwater, cast.vera_at_brightwater),
        ):
            self._sign(reference, vendor, reporter)

    def _sign(self, reference: str, vendor: Vendor, reporter: Membership) -> None:
        starts_on = month_ago(HISTORY + WAITING)
        words = {"reference": reference, "vendor": vendor.code, "starts_on": starts_on}
        words["levels"] = "".join(LEVEL.lstrip("\n").format(code=code, starts_on=starts_on) for code in LEVELS)
        words["ends_on"] = starts_on.replace(year=starts_on.year + 3).isoformat()
        with open_scope(organisation_id=reporter.organisation_id):
            contract = import_contract(by=None, source=CONTRACT.format(**words).encode())
            entered = datetime.combine(month_ago(NEWS_FROM), time(9), ZONE)
            Contract.objects.filter(pk=contract.pk).update(created_at=entered)
            months = [month_ago(months) for months in range(HISTORY + WAITING, WAITING, -1)]
            source = figures(months, reference)
            import_figures(by=None, contract=contract, source=source, filename="history.csv", accept=True)
        with open_scope(organisation_id=reporter.organisation_id, vendor_id=reporter.vendor_id, actor_id=reporter.pk):
            for months in range(WAITING, 0, -1):
                source = figures([month_ago(months)], reference)
                import_figures(by=reporter, contract=contract, source=source, filename="month.csv", submit=True)

    def waiting(self, organisation: Organisation) -> list[Submission]:
        """Submissions that nobody has decided on, in the order of their months."""
        with open_scope(organisation_id=organisation.pk):
            return list(Submission.objects.filter(status=Status.SUBMITTED).order_by("month", "pk"))


def figures(months: list[date], reference: str) -> bytes:
    """A figures file. Every month has at least one default; which service level has one changes from month to month."""
    return "\n".join(["service_level,period,numerator,denominator", *_rows(months, reference), ""]).encode()


def _rows(months: list[date], reference: str) -> Iterator[str]:
    for month in months:
        for position, level in enumerate(LEVELS):
            turn = (month.month + position + len(reference) + int(reference[-1])) % 3
            yield f"{level},{month:%Y-%m},{(89, 97, 93)[turn]},100"
