"""Contract documents to change one thing of: a plain one, and one that uses every key of the format."""

import copy
import json

PLAIN = {
    "plumbline": 1,
    "contract": {
        "reference": "MSA-1",
        "title": "Service desk",
        "vendor": {"code": "CORVID", "name": "Corvid Systems"},
        "starts_on": "2025-01-15",
        "ends_on": "2026-12-31",
        "currency": "GBP",
        "timezone": "Europe/London",
        "calendar": {"holidays": "GB-ENG", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": "09:00-17:00"},
        "report_due": 10,
        "charges": {"monthly": "100000.00"},
    },
    "kras": [
        {"code": "REL", "name": "Reliable", "objective": "It works", "weight": 60},
        {"code": "CX", "name": "Users", "objective": "They like it", "weight": 40},
    ],
    "service_levels": [
        {
            "code": "SL-01",
            "name": "Resolved on time",
            "kras": {"REL": 100},
            "every": "month",
            "measure": {"kind": "ratio", "of": "On time", "among": "Resolved", "unit": "percent", "scale": 100},
            "terms": [
                {
                    "from": "2025-01-15",
                    "better": "higher",
                    "bands": [
                        {"name": "Target", "at": 99, "outcome": "met", "points": 0, "score": 100},
                        {"name": "Minor", "at": 98, "outcome": "default", "points": 1, "score": 75},
                        {"name": "Severe", "outcome": "default", "points": 4, "score": 0},
                    ],
                }
            ],
        },
        {
            "code": "SL-02",
            "name": "Up",
            "kras": {"CX": 100},
            "every": "quarter",
            "measure": {"kind": "availability", "unit": "percent"},
            "terms": [
                {
                    "from": "2025-01-15",
                    "better": "higher",
                    "bands": [
                        {"name": "Up", "at": "99.5", "outcome": "met", "points": 0, "score": 100},
                        {"name": "Down", "outcome": "default", "points": 4, "score": 0},
                    ],
                }
            ],
        },
    ],
}

TERMS_OF_ALL_KEYS = {
    "scoring": "linear",
    "rounding": {"places": 1, "mode": "truncate"},
    "missing": "default",
    "no_volume": "met",
    "minimum_volume": 5,
    "allowance": True,
    "exempt_streak": "reset",
    "tolerated": {"count": 4, "window": 12, "counting_defaults": True},
    "relief": "deem_met",
    "rolling": 3,
    "weight": "1.5",
    "credits_from": "2025-07-01",
    "repeat": ["1", "2"],
    "kras": {"CX": 50, "REL": "50.5"},
}

CREDITS = {
    "point": {"percent_of": "at_risk", "value": "0.5"},
    "at_risk_percent": "10",
    "tariff": {
        "kind": "marginal",
        "slices": [{"upto": 20, "factor": 0}, {"upto": 100, "factor": 1}, {"factor": "1.5"}],
    },
    "one_per_incident": True,
    "bedding_in": ["0", "0", "0.5"],
    "caps": [
        {"percent_of": "charges", "value": "10", "over": "month"},
        {"amount": "100000.00", "over": "rolling_12"},
        {"amount": "120000.00", "over": "contract_year"},
    ],
    "minimum": "1.00",
    "earn_back": {"after": 3},
}

RULES = [
    {
        "name": "Critical",
        "over": "contract",
        "count": "points",
        "window": 3,
        "at_least": 50,
        "then": "termination_right",
    },
    {"name": "Bad", "over": "service_level", "count": "defaults", "window": 6, "more_than": 2, "then": "escalate"},
    {
        "name": "Severe",
        "over": "service_level",
        "count": "consecutive_defaults",
        "at_least": 2,
        "then": "notify",
        "bands": ["Severe", "Down"],
    },
]

SCORECARD = {
    "missing": "zero",
    "minimum_coverage": 60,
    "grades": [{"name": "Good", "at": 95}, {"name": "Fair", "at": 70}, {"name": "Poor"}],
}


INCIDENTS = {
    "code": "SL-04",
    "name": "Incidents",
    "every": "week",
    "measure": {"kind": "count", "unit": "incidents"},
    "terms": [
        {
            "from": "2025-01-15",
            "better": "lower",
            "bands": [
                {"name": "None", "at": 0, "outcome": "met", "points": 0, "score": 100},
                {
                    "name": "Some",
                    "outcome": "default",
                    "points": 5,
                    "score": 0,
                    "per_step": {"from": 0, "step": "1", "round": "down"},
                },
            ],
        }
    ],
}


def plain():
    """A document of two service levels and nothing that may be left out, free to be changed."""
    return copy.deepcopy(PLAIN)


def rich():
    """A document that uses every section and nearly every key."""
    document = plain()
    document["kras"][0]["weight"] = [{"from": "2025-01-15", "weight": 60}, {"from": "2026-01-01", "weight": 70}]
    levels = document["service_levels"]
    levels[0]["terms"].append(
        {**copy.deepcopy(levels[0]["terms"][0]), "from": "2025-04-01", **copy.deepcopy(TERMS_OF_ALL_KEYS)}
    )
    levels[1]["measure"].update(hours="calendar", maintenance="downtime", maintenance_allowance=300, roll_up="mean")
    levels.append(
        {
            "code": "SL-03",
            "name": "Stock in range",
            "kras": {},
            "every": "custom",
            "periods": [
                {"starts_on": "2025-02-01", "ends_on": "2025-03-10"},
                {"starts_on": "2025-03-11", "ends_on": "2025-05-31"},
            ],
            "measure": {"kind": "value", "unit": "pallets"},
            "terms": [
                {
                    "from": "2025-03-11",
                    "better": "inside",
                    "bands": [
                        {"name": "In range", "at": [75, 85], "outcome": "met", "points": 0, "score": 100},
                        {"name": "Near", "at": ["70.5", 90], "outcome": "miss", "points": 0, "score": 60},
                        {"name": "Out", "outcome": "default", "points": 2, "score": 0},
                    ],
                }
            ],
        }
    )
    levels.append(copy.deepcopy(INCIDENTS))
    document |= {
        "credits": copy.deepcopy(CREDITS),
        "rules": copy.deepcopy(RULES),
        "scorecard": copy.deepcopy(SCORECARD),
    }
    return document


ABSENT = object()


def changed(document, path, value):
    """The document with the value at a path such as `kras.0.code` put, or taken away where it is ABSENT."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = document
    for step in steps:
        place = place[step]
    if value is ABSENT:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return document


def as_json(document):
    """The file of a document."""
    return json.dumps(document, ensure_ascii=False)
