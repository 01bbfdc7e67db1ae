"""What the versions of a service level's terms must obey: days, order of bands, numbers that belong together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contracts.contract_file.base_part import BROKEN, as_far_as_readable, each
from contracts.contract_file.problems import Found, Path
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.versions import nearest

WORD_FOR_BETTER = {"higher": "above", "lower": "below"}


def problems_of(path: Path, level: Any, file: Any) -> Found:
    """Everything that does not fit together in the terms of one service level."""
    yield from as_far_as_readable(_versions(path, level))
    yield from as_far_as_readable(_from_days(path, level, file))
    yield from as_far_as_readable(_from_order(path, level))
    for terms_path, terms in each(level.terms, *path, "terms"):
        turned = list(as_far_as_readable(_bands_turned(terms_path, terms)))
        yield from turned
        for check in (_steps, _repeat) if turned else (_bands_end, _bands_order, _steps, _repeat):
            yield from as_far_as_readable(check(terms_path, terms))


# Versions --------------------------------------------------------------------------------------------------------


def _versions(path: Path, level: Any) -> Found:
    if not len(level.terms):
        yield (
            (*path, "terms"),
            "there must be at least one version of the terms; add one with `from`, `better` and `bands`",
        )


def _from_days(path: Path, level: Any, file: Any) -> Found:
    first, last = file.contract.starts_on, file.contract.ends_on
    if last < first:
        return
    days = sorted(period.starts_on for period in level.slices(first, last))
    known = set(days)
    for terms_path, terms in each(level.terms, *path, "terms"):
        if terms.from_ is not BROKEN and terms.from_ not in known:
            hint = nearest(days, terms.from_)
            yield (
                (*terms_path, "from"),
                f"{terms.from_} is not the first day of one of this service level's periods{hint}",
            )


def _from_order(path: Path, level: Any) -> Found:
    before = None
    for terms_path, terms in each(level.terms, *path, "terms"):
        if terms.from_ is BROKEN:
            continue
        if before is not None and terms.from_ <= before:
            message = f"{terms.from_} is not after the version before it ({before}); list the earliest first"
            yield (*terms_path, "from"), message
        before = terms.from_


# Bands -----------------------------------------------------------------------------------------------------------


def _bands_turned(path: Path, terms: Any) -> Found:
    """The bands stand worst first: one thing to say instead of one for each band."""
    if len(terms.bands) > 1 and terms.bands[0].at is None and terms.bands[-1].at is not None:
        message = "stand in the wrong order: the best comes first, and the last, which has no `at`, takes all that is left; turn them round"
        yield (*path, "bands"), message


def _bands_end(path: Path, terms: Any) -> Found:
    """The last band takes what is left; all others say where they end, as `better` asks for."""
    if not len(terms.bands):
        yield (*path, "bands"), "there must be at least one band; add one with `name`, `outcome`, `points` and `score`"
    last = len(terms.bands) - 1
    for band_path, band in each(terms.bands, *path, "bands"):
        if band.at is BROKEN:
            continue
        at = (*band_path, "at")
        if band_path[-1] == last and band.at is not None:
            yield at, "the last band takes all values that are left; remove its `at`, or add a band after it"
        elif band_path[-1] != last and band.at is None:
            yield at, "is missing; only the last band has no `at`"
        elif band.at is not None:
            yield from as_far_as_readable(_form_of_at(at, terms.better, band.at))


def _form_of_at(path: Path, better: str, at: Any) -> Found:
    if better == "inside" and not isinstance(at, tuple):
        yield path, f"must be a pair, such as [75, 85], because `better` is inside, not {format_decimal(at)}"
    elif better != "inside" and isinstance(at, tuple):
        yield path, f"must be one number because `better` is {better}; a pair belongs to `better: inside`"
    elif isinstance(at, tuple) and at[0] > at[1]:
        yield (
            path,
            f"the low end {format_decimal(at[0])} is above the high end {format_decimal(at[1])}; write the low end first",
        )


def _bands_order(path: Path, terms: Any) -> Found:
    """Best first, and each band can be reached."""
    better = "" if terms.better is BROKEN else terms.better
    before: Any = None
    for band_path, band in each(terms.bands, *path, "bands"):
        at = band.at
        if at is BROKEN or at is None or isinstance(at, tuple) != (better == "inside"):
            continue
        if before is not None:
            message = _around(before, at) if better == "inside" else _beyond(better, before, at)
            if message:
                yield (*band_path, "at"), message
        before = at


def _beyond(better: str, before: Decimal, at: Decimal) -> str | None:
    if at == before:
        return f"{format_decimal(at)} is the same as the band before it; give each band its own number"
    if (at > before and better == "higher") or (at < before and better == "lower"):
        word = WORD_FOR_BETTER[better]
        return f"{format_decimal(at)} is {word} the band before it ({format_decimal(before)}); with `better: {better}` the best comes first"
    return None


def _around(before: tuple[Decimal, Decimal], at: tuple[Decimal, Decimal]) -> str | None:
    written = f"[{format_decimal(at[0])}, {format_decimal(at[1])}]"
    inner = f"[{format_decimal(before[0])}, {format_decimal(before[1])}]"
    if at == before:
        return f"{written} is the same as the band before it; give each band its own pair"
    if at[0] > before[0] or at[1] < before[1]:
        return f"{written} does not contain the band before it ({inner}); each band must lie around the better ones"
    return None


def _steps(path: Path, terms: Any) -> Found:
    for band_path, band in each(terms.bands, *path, "bands"):
        if band.per_step is not None and terms.better == "inside":
            message = "is not possible where `better` is inside; remove it, or write more bands"
            yield (*band_path, "per_step"), message


# The rest --------------------------------------------------------------------------------------------------------


def _repeat(path: Path, terms: Any) -> Found:
    if not len(terms.repeat):
        yield (*path, "repeat"), 'the list is empty; write at least one factor, such as ["1", "2"], or remove it'
