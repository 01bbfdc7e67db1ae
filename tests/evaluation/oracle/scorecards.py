"""The scorecard: KRA scores, total, grade, and how much of the weight was measured at all."""

from fractions import Fraction

from .days import day, last_day_of, month_of
from .facts import has_ended, mean
from .numbers import exact, fixed
from .versions import of_month


def scorecard(file, slots, month):
    """One month's scorecard as the JSON has it. Every KRA is listed; one that has ended or is not due has no score."""
    terms = of_month(file.get("scorecard"), month) or {}
    on = last_day_of(month)
    due = {}  # service level code → its slots of the month that are not pending
    for slot in slots:
        if slot.month == month and slot.outcome != "pending":
            due.setdefault(slot.code, []).append(slot)
    kras = [kra_score(file, kra, due, on, terms.get("missing", "exclude")) for kra in file["kras"]]
    total, covered = weighed(kras)
    grade = None
    if covered < exact(terms.get("minimum_coverage")):
        total = None
    if total is not None and terms.get("grades"):
        grade = next(g["name"] for g in terms["grades"] if g.get("at") is None or total >= exact(g["at"]))
    return {
        "month": month.isoformat()[:7],
        "score": fixed(total, 2),
        "coverage": fixed(covered, 2),
        "grade": grade,
        "kras": [{"kra": k["code"], "score": fixed(k["score"], 2), "coverage": fixed(k["coverage"], 2)} for k in kras],
    }


def weighed(kras):
    """Total over the KRAs that have a score, coverage over those that are due."""
    scored = [k for k in kras if k["score"] is not None]
    due = [k for k in kras if k["due"]]
    return average([(k["weight"], k["score"]) for k in scored]), average(
        [(k["weight"], k["coverage"]) for k in due]
    ) or Fraction(0)


def average(pairs):
    """Weighted mean of (weight, number); None where there is no weight."""
    weight = sum((w for w, _ in pairs), Fraction(0))
    return sum((w * n for w, n in pairs), Fraction(0)) / weight if weight else None


def kra_score(file, kra, due, on, missing):
    """Σ weight × score ÷ Σ weight over the KRA's levels with a score; coverage: measured share of the weight due."""
    if has_ended(kra, min(on, day(file["contract"]["ends_on"]))):
        return {"code": kra["code"], "weight": Fraction(0), "due": False, "score": None, "coverage": Fraction(0)}
    # A service level that has ended serves until the month in which its last period ends.
    levels = [level for level in file["service_levels"] if not has_ended(level, month_of(on))]
    serving = [(level, level_weights(level, on).get(kra["code"])) for level in levels]
    serving = [(level, exact(weight)) for level, weight in serving if weight is not None]
    of_month = [(weight, due[level["code"]]) for level, weight in serving if level["code"] in due]
    scores = [(weight, mean(slot_score(s, missing) for s in slots)) for weight, slots in of_month]
    measured = [
        (weight, Fraction(sum(s.band is not None for s in slots), len(slots)) * 100) for weight, slots in of_month
    ]
    return {
        "code": kra["code"],
        "weight": kra_weight(kra, on),
        "due": bool(of_month) or not serving,  # one that no service level serves is due, and uncovered
        "score": average([(weight, score) for weight, score in scores if score is not None]),
        "coverage": average(measured) or Fraction(0),
    }


def slot_score(slot, missing):
    """A slot's own score; else what the scorecard gives for one that was not measured: nothing, 0, or 100."""
    if slot.score is None and slot.outcome == "not_measured":
        return {"exclude": None, "zero": Fraction(0), "full": Fraction(100)}[missing]
    return slot.score


def kra_weight(kra, on):
    """The KRA's weight in force on a day; 0 before the first of a dated list."""
    if not isinstance(kra["weight"], list):
        return exact(kra["weight"])
    begun = [w for w in kra["weight"] if day(w["from"]) <= on]
    return exact(max(begun, key=lambda w: day(w["from"]))["weight"]) if begun else Fraction(0)


def level_weights(level, on):
    """The KRAs a service level serves on a day: those of the latest terms begun that name any, else the level's own."""
    naming = [t for t in level["terms"] if t.get("kras") is not None and day(t["from"]) <= on]
    return max(naming, key=lambda t: day(t["from"]))["kras"] if naming else level.get("kras") or {}
