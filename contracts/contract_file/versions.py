"""Parts of a contract that hold from a month on: written once, or as a list of versions, the earliest first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from contracts.contract_file.base_part import BROKEN, NOT_EMPTY, AtMost, Each, Part, each, one_or_many
from contracts.contract_file.problems import Found, Path
from contracts.contract_file.scalars import Day

MOST_VERSIONS = 120  # ten years of one a month


class Dated(Part):
    """What makes a part a version of it. The fields of this class stand first in the file."""

    from_: Day | None = Field(
        default=None, alias="from", description="First day of a month; the first version begins with the contract"
    )


def once_or_versions(once: Any, version: type[Dated]) -> Any:
    """The type of a part that is written once, for the whole term, or as a list of versions."""
    versions: Any = tuple[Each[version], ...]  # type: ignore[valid-type]
    return one_or_many(once, Annotated[versions, AtMost(MOST_VERSIONS), Field(json_schema_extra=NOT_EMPTY)])


def each_version(part: Any, *path: str | int) -> Iterator[tuple[Path, Any]]:
    """The readable versions of a part with their paths; the part itself where it is written once; none where it is not there."""
    if isinstance(part, tuple):
        yield from each(part, *path)
    elif part is not None and part is not BROKEN:
        yield path, part


def dated(part: Any, starts_on: date) -> list[tuple[date, Any]]:
    """The versions of a part and the days from which they hold; one that is written once holds from the contract's first day."""
    if part is None:
        return []
    if not isinstance(part, tuple):
        return [(starts_on, part)]
    return [(starts_on if version.from_ is None else version.from_, version) for version in part]


def days_of_versions(path: Path, part: Any, starts_on: date, ends_on: date) -> Found:
    """What is wrong with the days from which the versions of a part hold."""
    if not isinstance(part, tuple):
        return
    if not part:
        yield path, "the list is empty; write a version, or the part itself without a list"
    before: date | None = None
    for version_path, version in each(part, *path):
        here, place = version.from_, (*version_path, "from")
        if here is BROKEN:
            continue
        if version_path[-1] == 0:
            if here is not None and here != starts_on:
                yield (
                    place,
                    f"{here} is not the contract's first day ({starts_on}), from which the first version holds; write it, or nothing",
                )
            before = starts_on
            continue
        if here is None:
            yield place, "is missing; only the first version goes without, write the first day of a month"
            continue
        if here.day != 1:
            following = (here.replace(day=28) + timedelta(days=4)).replace(day=1)
            yield place, f"{here} is not the first day of a month; the nearest: {here.replace(day=1)} and {following}"
        if before is not None and here <= before:
            yield place, f"{here} is not after the version before it ({before}); list the earliest first"
        elif here > ends_on:
            yield place, f"{here} is after the contract's last day ({ends_on}); remove the version, or correct its day"
        before = here


def nearest(days: list[date], day: date) -> str:
    """A hint at the days around another one, which lies among them; `days` are in order. Empty where there are none."""
    at = min(max(bisect_left(days, day) - 1, 0), max(len(days) - 2, 0))
    near = days[at : at + 2]
    return f"; the nearest: {' and '.join(str(one) for one in near)}" if near else ""
