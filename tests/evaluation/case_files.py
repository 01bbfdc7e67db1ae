"""Acceptance cases: contracts, figures and what must come out, worked out by hand from the text of the rules.

Each file of `cases/` is about one kind of contract and holds `definitions` (shared by anchors) and `cases`:
`id`, `why` (the rule and its arithmetic), `contract` (a contract file), `figures` (as CSV text), optionally `as_of`, and
`expect` (a part of what `manage.py try` prints, with `no_rules` for what must not hold and `counts` for the number of
rows) or `error` (texts that the refusal must contain).
"""

import csv
import io
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "cases"
KEYS = {"results": ("service_level", "period"), "months": ("month",), "scorecards": ("month",), "kras": ("kra",)}


# libyaml's, where there is one, is ten times as fast.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ExactLoader(Loader):
    """YAML in which decimals and dates stay the text that was written."""


ExactLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":float", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_cases():
    """All cases as dicts; `figures` as a list of dicts of texts."""
    cases = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), ExactLoader)["cases"]:
            rows = csv.DictReader(io.StringIO(case["figures"]), skipinitialspace=True)
            cases.append({**case, "figures": [dict(row) for row in rows]})
    return cases


def same(wanted, got):
    """Equal as decimals, where both are numbers; else as text."""
    if wanted is None or got is None:
        return wanted is got
    try:
        return Decimal(str(wanted)) == Decimal(str(got))
    except InvalidOperation:
        return str(wanted) == str(got)


def differences(expect, got):
    """What a judgement lacks of the expectation, in words; an empty list where it fulfils it."""
    found = [
        line for kind in ("results", "months", "scorecards") for line in _rows(kind, expect.get(kind, []), got[kind])
    ]
    for rule in expect.get("rules", []):
        if not _holding(rule, got):
            found.append(f"rule does not hold: {rule}")
    for rule in expect.get("no_rules", []):
        if _holding(rule, got):
            found.append(f"rule must not hold: {rule}")
    for kind, count in expect.get("counts", {}).items():
        if len(got[kind]) != count:
            found.append(f"{len(got[kind])} {kind}, must be {count}")
    return found


def _holding(rule, got):
    return [row for row in got["rules"] if all(same(value, row.get(key)) for key, value in rule.items())]


def _rows(kind, wanted, rows):
    for want in wanted:
        found = [r for r in rows if all(str(r.get(key)) == str(want[key]) for key in KEYS[kind])]
        label = f"{kind} " + " ".join(str(want[key]) for key in KEYS[kind])
        if len(found) != 1:
            yield f"{label}: {len(found)} rows"
            continue
        for key, value in want.items():
            if key == "kras":
                yield from _rows("kras", value, found[0]["kras"])
            elif not same(value, found[0].get(key)):
                yield f"{label}: {key} is {found[0].get(key)!r}, must be {value!r}"
