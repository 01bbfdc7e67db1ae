"""Steps 5 to 11: guards, rounding, band, allowance, outcome, streak, points."""

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from .numbers import exact, half_up, truncated


def give_outcomes(slots):
    """Judge the slots of one service level, in order of period: each may look back on those before it."""
    run = 0  # consecutive defaults so far
    for position, slot in enumerate(slots):
        guard_and_place(slot)
        apply_tolerance(slot, slots[: position + 1])
        run = streak_after(slot, run)
        slot.streak = run if slot.is_default else 0
        give_points(slot)


def guard_and_place(slot):
    """Step 5 asks whether the value may be judged at all; steps 6 to 8 find its band and score."""
    terms = slot.terms
    if slot.pending:
        slot.outcome = "pending"
    elif not slot.figures:
        slot.outcome = "not_measured"
        if slot.missing_default:
            slot.score = exact(terms["bands"][-1]["score"])
    elif slot.volume == 0:
        slot.value = None
        slot.outcome = "no_volume"
        if terms.get("no_volume", "exclude") == "met":
            put_in_band(slot, terms["bands"][0])
            slot.outcome = slot.band_outcome = "met"  # whatever the first band says
    else:
        slot.value = rounded(slot.value, terms.get("rounding"))
        if below_minimum_volume(slot):
            slot.outcome = "exempt"
        else:
            lifted = within_allowance(slot)
            put_in_band(slot, terms["bands"][0] if lifted else band_of(slot.value, terms))
            slot.outcome = slot.band_outcome
            if terms.get("scoring", "step") == "linear" and not lifted:
                slot.score = linear_score(slot.value, terms)


def put_in_band(slot, band):
    slot.band, slot.band_outcome, slot.score = band, band["outcome"], exact(band["score"])


def below_minimum_volume(slot):
    """Too few cases to judge: only a ratio has cases."""
    minimum = slot.terms.get("minimum_volume")
    return slot.level["measure"]["kind"] == "ratio" and minimum is not None and slot.volume < exact(minimum)


def rounded(value, rounding):
    """Step 6: rounding, where the terms state one, replaces the value."""
    if not rounding:
        return value
    cut = truncated if rounding.get("mode") == "truncate" else half_up
    return cut(value, int(rounding["places"]))


def band_of(value, terms):
    """Step 7: the first band, best first, that the value reaches; thresholds are inclusive; the last takes the rest."""
    return next(band for band in terms["bands"] if reaches(value, band, terms["better"]))


def reaches(value, band, better):
    """Whether a value is in the band or better."""
    if band.get("at") is None:
        return True
    if better == "inside":
        low, high = band["at"]
        return exact(low) <= value <= exact(high)
    return value >= exact(band["at"]) if better == "higher" else value <= exact(band["at"])


def within_allowance(slot):
    """Step 8: with max(1, whole part of n × (100 − t) ÷ 100) failing cases or fewer the first band is reached."""
    measure, terms = slot.level["measure"], slot.terms
    if not terms.get("allowance") or measure["kind"] != "ratio" or exact(measure.get("scale", 100)) != 100:
        return False
    if terms["better"] == "inside" or terms["bands"][0].get("at") is None:
        return False
    target = exact(terms["bands"][0]["at"])
    share = target if terms["better"] == "lower" else 100 - target
    return slot.failing <= max(1, floor(slot.volume * share / 100))


def linear_score(value, terms):
    """Straight lines between the thresholds: flat above the first, the last band's score beyond the last one."""
    bands, better = terms["bands"], terms["better"]
    knots = [(knot(band["at"], better, value, bands[0]["at"]), exact(band["score"])) for band in bands[:-1]]
    if reaches(value, bands[0], better):
        return exact(bands[0]["score"])
    for (good, good_score), (bad, bad_score) in pairwise(knots):
        if min(good, bad) <= value <= max(good, bad) and good != bad:
            return good_score + (bad_score - good_score) * (value - good) / (bad - good)
    return exact(bands[-1]["score"])


def knot(at, better, value, innermost):
    """The threshold of a band; of a pair, the end on the side where the value lies."""
    if better != "inside":
        return exact(at)
    return exact(at[0]) if value < exact(innermost[0]) else exact(at[1])


def apply_tolerance(slot, so_far):
    """Step 9: a miss is a default when it is the count-th or later in the last `window` periods, itself included."""
    tolerated = slot.terms.get("tolerated")
    if not tolerated or slot.band_outcome != "miss":
        return
    window = so_far[-int(tolerated["window"]) :]
    failed = [
        s for s in window if s.band_outcome == "miss" or (tolerated.get("counting_defaults") and failed_outright(s))
    ]
    if len(failed) >= int(tolerated["count"]):
        slot.outcome = "default"


def failed_outright(slot):
    """Whether it is a default that was never a miss."""
    return slot.band_outcome == "default" or slot.missing_default


def streak_after(slot, run):
    """Step 10: a default lengthens the run; met and miss end it; the rest leave or reset it, as the terms say."""
    if slot.is_default:
        return run + 1
    return run if is_neutral(slot) else 0


def is_neutral(slot):
    """Whether a run of defaults goes on after this slot as if it had not been."""
    if slot.outcome in ("exempt", "no_volume"):
        return slot.terms.get("exempt_streak", "neutral") == "neutral"
    return slot.outcome in ("pending", "not_measured") and not slot.is_default


def give_points(slot):
    """Step 11: band points × steps × weight × factor; a miss and a slot without a band carry none."""
    if slot.is_default:
        repeat = slot.terms.get("repeat") or ["1"]
        slot.factor = exact(repeat[min(slot.streak, len(repeat)) - 1])
    elif slot.outcome != "met":
        return
    band = slot.band or slot.terms["bands"][-1]  # not reported: the last band's points
    slot.points = exact(band.get("points")) * steps(slot, band) * exact(slot.terms.get("weight", 1)) * slot.factor


def steps(slot, band):
    """How many steps the value is worse than the band's `from`; 1 where steps are not counted or there is no value."""
    counting = band.get("per_step")
    if not counting or slot.value is None:
        return Fraction(1)
    short = exact(counting["from"]) - slot.value
    if slot.terms["better"] == "lower":
        short = -short
    number = max(short / exact(counting["step"]), Fraction(0))
    return {"down": floor, "up": ceil, "none": Fraction}[counting.get("round", "none")](number)
