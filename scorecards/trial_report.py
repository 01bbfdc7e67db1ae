"""The judgement of a trial as tables for people."""

from textwrap import indent
from typing import Any

COLUMNS = {
    "results": (
        "service_level",
        "period",
        "value",
        "band",
        "outcome",
        "streak",
        "factor",
        "points",
        "score",
        "terms_from",
    ),
    "months": ("month", "points", "charges", "at_risk", "credit_before_caps", "credit", "forgone", "earned_back"),
    "rules": ("month", "rule", "service_level", "measured", "then"),
    "scorecards": ("month", "score", "coverage", "grade"),
}
TITLES = {"results": "Results", "months": "Months", "rules": "Rules triggered", "scorecards": "Scorecards"}
TEXTS = frozenset({"service_level", "period", "band", "outcome", "terms_from", "month", "rule", "then", "grade"})


def tables(output: dict[str, list[dict[str, Any]]]) -> str:
    """All parts as plain-text tables; numbers are right-aligned, an en dash stands for no value."""
    parts = [_table(TITLES[kind], columns, output[kind]) for kind, columns in COLUMNS.items()]
    explained = [_explained(row) for row in output["results"] if "why" in row]
    return "\n\n".join(parts + explained)


def _explained(row: dict[str, Any]) -> str:
    """Why a result is so, indented below its service level and period."""
    return f"{row['service_level']} {row['period']}\n{indent(row['why'], '  ')}"


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> str:
    if not rows:
        return f"{title}\n  none"
    names = [name.replace("_", " ") for name in columns]
    cells = [names, *[["–" if row[name] is None else str(row[name]) for name in columns] for row in rows]]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    lines = [
        "  ".join(
            cell.ljust(width) if name in TEXTS else cell.rjust(width)
            for name, cell, width in zip(columns, line, widths, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join([title, *[f"  {line}" for line in lines]])
