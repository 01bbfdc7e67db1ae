"""What credits, rules and the scorecard of a contract file must obey."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import Any

from contracts.contract_file.base_part import BROKEN, as_far_as_readable, each
from contracts.contract_file.problems import Found, Path, written
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.versions import each_version

# Credits ---------------------------------------------------------------------------------------------------------


def _credits(file: Any) -> Found:
    for path, credits in each_version(file.credits, "credits"):
        for check in (_point, _caps, _at_risk, _tariff, _tariff_steps, _tariff_slices, _earn_back):
            yield from as_far_as_readable(check(path, credits))


def _point(path: Path, credits: Any) -> Found:
    yield from _amount((*path, "point"), credits.point)


def _caps(path: Path, credits: Any) -> Found:
    for cap_path, cap in each(credits.caps, *path, "caps"):
        yield from as_far_as_readable(_amount(cap_path, cap))


def _amount(path: Path, part: Any) -> Found:
    """A percentage of something, or an amount."""
    if (part.percent_of is None) == (part.amount is None):
        yield path, "must have either `percent_of` with `value`, or `amount`; give one of them"
    elif part.percent_of is not None and part.value is None:
        yield (*path, "value"), f"is missing; say how many percent of {part.percent_of}"
    elif part.amount is not None and part.value is not None:
        yield (*path, "value"), "belongs to `percent_of`, not to `amount`; remove it"


def _at_risk(path: Path, credits: Any) -> Found:
    if credits.at_risk_percent is not None:
        return
    used: list[Path] = [(*path, "point")] if credits.point.percent_of == "at_risk" else []
    used += [cap_path for cap_path, cap in each(credits.caps, *path, "caps") if cap.percent_of == "at_risk"]
    for one in used:
        place = written((*path, "at_risk_percent"))
        yield (*one, "percent_of"), f"`at_risk` needs {place}; add it, such as 10"


def _tariff(path: Path, credits: Any) -> Found:
    tariff = credits.tariff
    for kind, key in (("step", "steps"), ("marginal", "slices")):
        entries = getattr(tariff, key)
        if tariff.kind == kind and (entries is None or not len(entries)):
            yield (*path, "tariff", key), f"a tariff of kind {kind} needs `{key}`; list at least one"
        if tariff.kind != kind and entries is not None:
            yield (
                (*path, "tariff", key),
                f"`{key}` belongs to a tariff of kind {kind}, not {tariff.kind}; remove it",
            )


def _tariff_steps(path: Path, credits: Any) -> Found:
    if credits.tariff.steps is None:
        return
    seen: dict[Decimal, str | int] = {}
    for step_path, step in each(credits.tariff.steps, *path, "tariff", "steps"):
        if step.at is BROKEN:
            continue
        if step.at in seen:
            yield (
                (*step_path, "at"),
                f"{format_decimal(step.at)} is already where steps[{seen[step.at]}] begins; keep one of them",
            )
        seen.setdefault(step.at, step_path[-1])


def _tariff_slices(path: Path, credits: Any) -> Found:
    if credits.tariff.slices is None:
        return
    slices, before = credits.tariff.slices, None
    for slice_path, part in each(slices, *path, "tariff", "slices"):
        upto, last = (*slice_path, "upto"), slice_path[-1] == len(slices) - 1
        if part.upto is BROKEN:
            continue
        if last and part.upto is not None:
            yield upto, "the last slice has no end; remove its `upto`, or add a slice after it"
        elif not last and part.upto is None:
            yield upto, "is missing; only the last slice has no `upto`"
        if part.upto is not None and before is not None and part.upto <= before:
            yield (
                upto,
                f"{format_decimal(part.upto)} is not above the slice before it ({format_decimal(before)}); list the lowest first",
            )
        before = part.upto if part.upto is not None else before


def _earn_back(path: Path, credits: Any) -> Found:
    if credits.earn_back is None:
        return
    earn_back = credits.earn_back
    if (earn_back.after is None) == (not earn_back.yearly_average):
        yield (*path, "earn_back"), "must have either `after` or `yearly_average: true`; give one of them"


# Rules -----------------------------------------------------------------------------------------------------------


def _rule_thresholds(file: Any) -> Found:
    for path, rule in each(file.rules, "rules"):
        yield from as_far_as_readable(_threshold(path, rule))


def _threshold(path: Path, rule: Any) -> Found:
    if (rule.at_least is None) == (rule.more_than is None):
        yield path, "must have either `at_least` or `more_than`; give one of them"


def _rule_days(file: Any) -> Found:
    for path, rule in each(file.rules, "rules"):
        yield from as_far_as_readable(_span((*path, "until"), rule))


def _span(path: Path, rule: Any) -> Found:
    if rule.from_ is not None and rule.until is not None and rule.until < rule.from_:
        yield path, f"{rule.until} is before the rule's first day ({rule.from_}); write the day on which it ends"


def _rule_bands(file: Any) -> Found:
    known = {band.name: None for level in file.service_levels for terms in level.terms for band in terms.bands}
    listed = ", ".join(islice(known, 20))
    for path, rule in each(file.rules, "rules"):
        if rule.bands is None or rule.bands is BROKEN:
            continue
        if not rule.bands:
            yield (*path, "bands"), "the list is empty; name some bands, or remove it to count all"
        for band_path, name in each(rule.bands, *path, "bands"):
            if name not in known:
                message = f"no service level has a band `{name}`; use one of: {listed}"
                yield band_path, message


# Scorecard -------------------------------------------------------------------------------------------------------


def _scorecard(file: Any) -> Found:
    for path, scorecard in each_version(file.scorecard, "scorecard"):
        yield from as_far_as_readable(_grades((*path, "grades"), scorecard.grades))


def _grades(grades_path: Path, grades: Any) -> Found:
    before = None
    for path, grade in each(grades, *grades_path):
        last = path[-1] == len(grades) - 1
        if grade.at is BROKEN:
            continue
        if last and grade.at is not None:
            yield (
                (*path, "at"),
                "the last grade takes all scores that are left; remove its `at`, or add a grade after it",
            )
        elif not last and grade.at is None:
            yield (*path, "at"), "is missing; only the last grade has no `at`"
        if grade.at is not None and before is not None and grade.at >= before:
            yield (
                (*path, "at"),
                f"{format_decimal(grade.at)} is not below the grade before it ({format_decimal(before)}); list the best first",
            )
        before = grade.at if grade.at is not None else before


CHECKS = (_credits, _rule_thresholds, _rule_days, _rule_bands, _scorecard)
