"""A small contract as a file, to be changed by each test."""

import json
from copy import deepcopy
from typing import Any

BANDS = [
    {"name": "Target", "at": 95, "outcome": "met", "points": 0, "score": 100},
    {"name": "Minor", "at": 90, "outcome": "default", "points": 1, "score": 50},
    {"name": "Serious", "outcome": "default", "points": 2, "score": 0},
]
RATIO = {"kind": "ratio", "of": "Resolved on time", "among": "Resolved", "unit": "percent"}


def terms(first_day: str = "2024-04-01", **more: Any) -> dict[str, Any]:
    return {"from": first_day, "better": "higher", "bands": deepcopy(BANDS), **more}


def level(code: str = "SL-01", **more: Any) -> dict[str, Any]:
    """A monthly ratio with one version of terms, serving REL."""
    given = {"code": code, "name": f"Incidents on time {code}", "kras": {"REL": 100}, "every": "month"}
    return given | {"measure": deepcopy(RATIO), "terms": [terms()]} | more


def document(**more: Any) -> dict[str, Any]:
    """A contract from April 2024 for two years: one KRA, a monthly and a quarterly service level."""
    contract = {
        "reference": "MSA-1",
        "title": "Service desk",
        "vendor": {"code": "CORVID", "name": "Corvid Systems"},
        "starts_on": "2024-04-01",
        "ends_on": "2026-03-31",
        "currency": "GBP",
        "timezone": "Europe/London",
        "calendar": {"holidays": "GB-ENG", "hours": "09:00-17:00"},
        "charges": {"monthly": "100000.00"},
    }
    return {
        "plumbline": 1,
        "contract": contract,
        "kras": [{"code": "REL", "name": "Reliable service", "weight": 60}],
        "service_levels": [level(), level("SL-02", every="quarter")],
    } | more


def text(of: dict[str, Any]) -> str:
    return json.dumps(of)
