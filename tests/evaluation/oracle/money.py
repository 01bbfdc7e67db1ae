"""Steps 12 to 18: incidents, tariff, bedding-in, caps, minimum, ledger, earn-back."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .days import day, month_after, month_of, months_between, months_from
from .facts import has_ended, level_periods, mean, terms_on
from .numbers import exact, half_up, minor_unit
from .outcomes import reaches
from .versions import of_month


@dataclass
class Month:
    """One month of the contract's ledger."""

    month: date
    charges: Fraction
    at_risk: Fraction
    points: Fraction = Fraction(0)
    before_caps: Fraction = Fraction(0)
    credit: Fraction = Fraction(0)
    forgone: Fraction = Fraction(0)
    earned_back: Fraction = Fraction(0)
    capped: bool = False


class Ledger:
    """The months of a contract from its first to that of its last judged slot, and what is credited in them."""

    def __init__(self, file, slots):
        self.contract, self.versions = file["contract"], file.get("credits")
        self.levels, self.slots = file["service_levels"], slots
        self.places = minor_unit(self.contract["currency"])
        self.first = month_of(day(self.contract["starts_on"]))
        self.final = month_of(day(self.contract["ends_on"]))
        judged = [s.month for s in slots if s.outcome != "pending"]
        self.months = [self.open(m) for m in months_from(self.first, max(judged))] if judged else []
        for month in self.months:
            self.count_points(month)
            if self.versions:
                self.issue_credit(month)
        if self.versions:
            self.earn_back()

    def credits(self, month):
        """The terms about money in force in a month; without any, nothing is said."""
        return of_month(self.versions, month) or {}

    def open(self, month):
        return Month(month, self.charges(month), self.at_risk(month))

    def charges(self, month):
        """What the client pays for a month; nothing outside the contract, nor for a month that a list leaves out."""
        said = of_month(self.contract.get("charges"), month) or {}
        if not self.first <= month <= self.final:
            return Fraction(0)
        if "months" in said:
            return exact(said["months"].get(month.isoformat()[:7]))
        return exact(said.get("monthly"))

    def at_risk(self, month):
        """The share of a month's charges that credits may touch, by the month's own version."""
        percent = self.credits(month).get("at_risk_percent")
        return self.charges(month) * exact(percent) / 100

    def slots_in(self, month):
        return [s for s in self.slots if s.month == month]

    def count_points(self, month):
        """Step 12: what enters the month's total: everything, or of one incident's slots the largest only."""
        slots = [s for s in self.slots_in(month.month) if s.points != 0]
        for slot in slots:
            slot.counted_points = slot.points
        if self.credits(month.month).get("one_per_incident"):
            for incident in {s.incident for s in slots} - {None}:
                same = [s for s in slots if s.incident == incident]
                largest = min(same, key=lambda s: (-s.points, s.code, s.starts_on))
                for slot in same:
                    slot.counted_points = slot.points if slot is largest else Fraction(0)
        for slot in slots:
            earning = slot.starts_on >= day(slot.terms.get("credits_from") or slot.terms["from"])
            slot.earning_points = slot.counted_points if earning else Fraction(0)
        month.points = sum((s.counted_points for s in slots), Fraction(0))

    def issue_credit(self, month):
        """Steps 13 to 17: total → tariff → money → bedding-in → caps → minimum → rounding → ledger."""
        credits = self.credits(month.month)
        slots = [s for s in self.slots_in(month.month) if s.earning_points != 0]
        total = sum((s.earning_points for s in slots), Fraction(0))
        due = units(total, credits.get("tariff")) * self.point_worth(month) * self.bedding_in(month)
        month.before_caps = half_up(due, self.places)
        headrooms = [self.headroom(cap, month) for cap in credits.get("caps") or []]
        capped = min([due, *headrooms])
        month.capped = due > 0 and any(due >= headroom for headroom in headrooms)
        month.forgone = month.before_caps - half_up(capped, self.places)
        issued = Fraction(0) if capped <= exact(credits.get("minimum")) else capped
        month.credit = half_up(issued, self.places)
        self.share_out(month.credit, slots, total)

    def point_worth(self, month):
        """Money for one unit: an amount, or a percentage of the month's charges or at-risk amount."""
        point = self.credits(month.month)["point"]
        if point.get("amount") is not None:
            return exact(point["amount"])
        return getattr(month, point["percent_of"]) * exact(point["value"]) / 100

    def bedding_in(self, month):
        """The factor of the contract's n-th month; 1 after the list."""
        factors, n = self.credits(month.month).get("bedding_in") or [], months_between(self.first, month.month)
        return exact(factors[n]) if n < len(factors) else Fraction(1)

    def headroom(self, cap, month):
        """What a cap leaves: the cap less the credits issued earlier in its window; earn-back makes no headroom."""
        start, end = self.cap_window(cap["over"], month.month)
        if cap.get("amount") is not None:
            limit = exact(cap["amount"])
        else:
            base = self.charges if cap["percent_of"] == "charges" else self.at_risk
            limit = sum(base(m) for m in months_from(start, end)) * exact(cap["value"]) / 100
        issued = sum((m.credit for m in self.months if start <= m.month < month.month), Fraction(0))
        return max(limit - issued, Fraction(0))

    def cap_window(self, over, month):
        """First and last month over which a cap is computed."""
        if over == "month":
            return month, month
        if over == "rolling_12":
            return month_after(month, -11), month
        return self.contract_year(month)

    def contract_year(self, month):
        """First and last month of the contract year: twelve months from the anniversary of the month of `starts_on`."""
        start = month_after(self.first, months_between(self.first, month) // 12 * 12)
        return start, month_after(start, 11)

    def share_out(self, credit, slots, total):
        """Each slot's share by its points, in minor units, rounded cumulatively: the shares add up to the credit."""
        so_far, given = Fraction(0), Fraction(0)
        for slot in sorted(slots, key=lambda s: (s.code, s.starts_on)):
            so_far += slot.earning_points
            upto = half_up(credit * so_far / total, self.places)
            slot.share, given = upto - given, upto

    def earn_back(self):
        """Step 18: a share returns once the service level has since, or over the year, done well; at most the share.

        How, is said by the version under which the credit was issued.
        """
        for level in self.levels:
            slots = [s for s in self.slots if s.level is level]
            self.return_years(level, [s for s in slots if self.way_back(s).get("yearly_average")], slots)
            for position, slot in enumerate(slots):
                if self.way_back(slot).get("after"):
                    self.return_after(slot, slots[position + 1 :], int(self.way_back(slot)["after"]))

    def way_back(self, slot):
        return self.credits(slot.month).get("earn_back") or {}

    def return_after(self, slot, later, count):
        """Met in each of the next n periods: the share returns in the month in which the n-th of them ends.

        A period with too few cases decides nothing, so that it is none of them.
        """
        following = [s for s in later if s.outcome != "exempt"][:count]
        if len(following) == count and all(s.outcome == "met" for s in following):
            self.return_in(following[-1].month, slot.share)

    def return_years(self, level, returning, slots):
        """A finished contract year whose mean reaches the first band returns the year's shares in its last month."""
        for start in sorted({self.contract_year(s.month)[0] for s in returning}):
            end = min(month_after(start, 11), self.final)
            year = [s for s in slots if start <= s.month <= end]
            called_for = [
                p
                for p in level_periods(level, self.contract)
                if start <= month_of(p[1]) <= end and terms_on(level, p[0]) and not has_ended(level, p[0])
            ]
            average = mean(s.value for s in year if s.outcome != "exempt")
            if len(year) < len(called_for) or any(s.outcome == "pending" for s in year) or average is None:
                continue
            terms = year[-1].terms
            if reaches(average, terms["bands"][0], terms["better"]):
                self.return_in(end, sum(s.share for s in returning if start <= s.month <= end))

    def return_in(self, month, amount):
        for m in self.months:
            if m.month == month:
                m.earned_back += amount


def units(points, tariff):
    """Step 13: points to units: as they are, by the highest step reached, or slice by slice like an income tax."""
    kind = (tariff or {}).get("kind", "linear")
    if kind == "linear":
        return points
    if kind == "step":
        reached = [s for s in tariff["steps"] if points >= exact(s["at"])]
        return exact(max(reached, key=lambda s: exact(s["at"]))["value"]) if reached else Fraction(0)
    total, lower = Fraction(0), Fraction(0)
    for part in tariff["slices"]:
        upper = points if part.get("upto") is None else min(points, exact(part["upto"]))
        total += max(upper - lower, Fraction(0)) * exact(part["factor"])
        lower = max(lower, upper)
    return total
