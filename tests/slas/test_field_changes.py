"""The table of what differs between two contract files: fields in words, what was and what becomes."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from contracts.contract_file import BadFile, ContractFile, read
from slas.field_changes import FieldChange, field_changes
from tests.slas.contract_texts import BANDS, document, level, terms, text

File = dict[str, Any]
STRICTER = [BANDS[0], {**BANDS[1], "at": 92}, BANDS[2]]
NAME = "SL-01 Incidents on time SL-01"


def file(given: File) -> ContractFile:
    return read(text(given))


def changes(old: File, new: File) -> list[tuple[str, ...]]:
    return [tuple(one) for one in field_changes(file(old), file(new))]


def test_a_later_version_shows_the_numbers_that_change() -> None:
    versions = [terms(), terms("2025-04-01", bands=STRICTER, repeat=[1, 2])]
    assert changes(document(), document(service_levels=[level(terms=versions), level("SL-02", every="quarter")])) == [
        (f"{NAME}, from 1 Apr 2025, band Minor", "Values", "at least 90%", "at least 92%"),
        (f"{NAME}, from 1 Apr 2025, band Serious", "Values", "below 90%", "below 92%"),
        (
            f"{NAME}, from 1 Apr 2025",
            "Repeated breaches",
            "Points × 1 for the 1st, 2nd, … breach in a row; the last repeats",
            "Points × 1 and 2 for the 1st, 2nd, … breach in a row; the last repeats",
        ),
    ]


def test_terms_that_are_changed_in_place_a_band_that_comes_and_one_that_goes() -> None:
    one = document(service_levels=[level()])
    other = deepcopy(one)
    other["service_levels"][0]["terms"][0]["bands"][1] |= {"name": "Slight", "points": 1}
    where = f"{NAME}, band"
    assert changes(one, other) == [
        (f"{where} Slight", "Values", "–", "at least 90%"),
        (f"{where} Slight", "Outcome", "–", "breach"),
        (f"{where} Slight", "Points", "–", "1"),
        (f"{where} Slight", "Score", "–", "50"),
        (f"{where} Minor", "Values", "at least 90%", "–"),
        (f"{where} Minor", "Outcome", "breach", "–"),
        (f"{where} Minor", "Points", "1", "–"),
        (f"{where} Minor", "Score", "50", "–"),
    ]


def test_a_version_that_says_the_same_is_a_change_all_the_same() -> None:
    other = document(service_levels=[level(terms=[terms(), terms("2025-04-01")]), level("SL-02", every="quarter")])
    assert changes(document(), other) == [(f"{NAME}, from 1 Apr 2025", "Terms", "–", "a version that says the same")]


def test_what_is_new_and_what_goes() -> None:
    one, other = document(), document()
    other["kras"].append({"code": "CX", "name": "Satisfied", "weight": 40})
    other["service_levels"][1] = level("SL-03", kras={"CX": 100})
    other["rules"] = [{"name": "Out", "over": "contract", "count": "points", "at_least": 9, "then": "escalate"}]
    found = changes(one, other)
    third, second = "SL-03 Incidents on time SL-03", "SL-02 Incidents on time SL-02"
    for said in (
        ("CX Satisfied", "Key result area", "–", "Satisfied"),
        ("CX Satisfied", "Weight", "–", "40"),
        (third, "Weights in KRAs", "–", "CX 100"),
        (third, "Judged", "–", "each month"),
        (third, "Target", "–", "at least 95%"),
        (second, "Target", "at least 95%", "–"),
        ("Rules", "Out", "–", "9 or more penalty points over the contract in a month: the matter is escalated"),
    ):
        assert said in found, said


def test_parts_of_the_contract_from_a_month_on() -> None:
    one, other = document(), document()
    other["contract"] |= {
        "title": "Service desk and devices",
        "charges": [{"monthly": "100000.00"}, {"from": "2025-04-01", "monthly": "106000"}],
        "report_due": [{"days": 10}, {"from": "2025-09-01", "days": 8}],
        "accept_after": 10,
    }
    other["kras"][0]["weight"] = [{"from": "2024-04-01", "weight": 60}, {"from": "2025-04-01", "weight": 55}]
    due = "by the end of the {} working day after the period"
    assert changes(one, other) == [
        ("Contract", "Title", "Service desk", "Service desk and devices"),
        ("Contract", "Acceptance", "–", "By itself 10 working days after submission"),
        ("Figures, from 1 Sep 2025", "Due", due.format("10th"), due.format("8th")),
        ("Charges, from 1 Apr 2025", "Each month", "£100,000 a month", "£106,000 a month"),
        ("REL Reliable service, from 1 Apr 2025", "Weight", "60", "55"),
    ]


# fmt: off
RICH = document(
    service_levels=[
        level(
            metric="ITSM-04",
            ends_on="2025-08-31",
            terms=[
                terms(
                    rounding={"places": 1}, missing="default", no_volume="met", minimum_volume=5, allowance=True,
                    tolerated={"count": 3, "window": 9}, rolling=3, weight=2, repeat=[1, 2], credits_from="2024-06-01",
                )
            ],
        ),
        level(
            "SL-02",
            measure={"kind": "availability", "maintenance_allowance": 60},
            terms=[terms(), terms("2025-01-01", kras={"REL": 50})],
        ),
    ],
    credits={
        "point": {"percent_of": "charges", "value": 2}, "at_risk_percent": 10, "bedding_in": [0], "minimum": 5,
        "tariff": {"kind": "step", "steps": [{"at": 5, "value": 3}]}, "one_per_incident": True,
        "caps": [{"percent_of": "at_risk", "value": 90, "over": "month"}, {"amount": 9, "over": "contract_year"}],
        "earn_back": {"after": 3},
    },
    rules=[
        {
            "name": "Out", "over": "contract", "count": "defaults", "at_least": 3, "window": 6, "then": "notify",
            "bands": ["Serious"], "from": "2025-01-01", "until": "2025-12-31", "expires_after": 90,
        }
    ],
    scorecard={"minimum_coverage": 50, "grades": [{"name": "Good", "at": 90}, {"name": "Poor"}]},
)
RICH["contract"] |= {
    "charges": {"months": {"2024-05": 7}}, "report_due": 8, "calendar": {"holidays": ["2024-12-24"]},
    "accept_after": 10, "submit_early": True, "dispute_within": 12, "answer_within": 5, "verify_after": 3, "claim_within": 60,
}
# fmt: on


def leaves(part: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        yield from leaves(value, *path, key)
    if not isinstance(part, dict | list) and path[-1] not in ("plumbline", "reference"):
        yield path


def with_another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value.replace("1", "2", 1) if "1" in value else f"{value} too"


def changed(path: tuple[Any, ...]) -> File:
    other: Any = deepcopy(RICH)
    part = other
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = with_another(part[path[-1]])
    return dict(other)


def test_whatever_is_changed_is_shown() -> None:
    """Each number, name and switch of a file with everything in it, one at a time."""
    there, seen = file(RICH), 0
    for path in leaves(RICH):
        try:
            other = file(changed(path))
        except BadFile:
            continue
        seen += 1
        found = field_changes(there, other)
        # The vendor's name is the organisation's to keep: a file does not change it.
        assert found or path == ("contract", "vendor", "name"), path
        assert all(isinstance(one, FieldChange) and one.was != one.becomes for one in found), path
    assert seen > 40


@pytest.mark.parametrize("given", [document(), RICH])
def test_a_file_does_not_differ_from_itself(given: File) -> None:
    assert changes(given, given) == []
