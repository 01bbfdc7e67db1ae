"""The metric catalogue: what trades usually measure, how, and against which target. Data of the product, the same for everybody; what an
organisation adds of its own is `slas.own_metrics`.

Sources of the metrics: ITIL, COPC, SCOR, IFMA and the service-level schedules of published outsourcing contracts.
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contracts.contract_file import ContractFile, Problem

OWN = "OWN"  # in place of a trade, of what an organisation adds
FILE = Path(__file__).parent / "metrics.yaml"
# Where lower is better, what is worse is above the target.
BAND_NAMES = {
    "higher": ("Target", "Below target", "Below minimum"),
    "lower": ("Target", "Above target", "Above maximum"),
    "inside": ("Target", "Outside target", "Outside limits"),
}


@dataclass(frozen=True)
class Metric:
    """One metric. `measure` as in a contract file; `target` and `minimum` in its unit, None where each contract sets its own."""

    code: str
    name: str
    definition: str
    measure: dict[str, Any]
    better: str
    every: str
    traps: tuple[str, ...]
    target: str | None = None
    minimum: str | None = None
    figure: str | None = None
    own: bool = False
    retired: bool = False  # not offered any more; whoever measures it goes on comparing

    @property
    def trade(self) -> str:
        return OWN if self.own else self.code.partition("-")[0]

    @property
    def figures(self) -> tuple[str, ...]:
        """What is reported for it, in the words of the form."""
        kind = self.measure["kind"]
        if kind == "ratio":
            return self.measure["of"], self.measure["among"]
        return ("Downtime", "Maintenance") if kind == "availability" else (self.figure or "Value",)

    def bands(self) -> list[dict[str, Any]] | None:
        """Bands made of the usual target and minimum, best first, as a contract file has them; None where there is no usual target."""
        if self.target is None or self.minimum is None:
            return None
        target, beyond, worst = BAND_NAMES[self.better]
        met: dict[str, Any] = {"name": target, "at": self.target, "outcome": "met", "points": "0", "score": "100"}
        below = {"name": beyond, "at": self.minimum, "outcome": "miss", "points": "0", "score": "60"}
        last = {"name": worst, "outcome": "default", "points": "1", "score": "0"}
        return [met, last] if self.target == self.minimum else [met, below, last]


@cache
def trades() -> dict[str, str]:
    """Code → name, in the order of the file."""
    return dict(_read()["trades"])


@cache
def metrics() -> dict[str, Metric]:
    """Code → metric, in the order of the file."""
    return {row["code"]: Metric(**row | {"traps": tuple(row["traps"])}) for row in _read()["metrics"]}


def search(words: str, trade: str = "", among: Iterable[Metric] | None = None) -> list[Metric]:
    """Metrics that have every word in code, name, definition or figures, in any order; of one trade, or of all."""
    wanted = _plain(words).split()
    return [
        metric
        for metric in (metrics().values() if among is None else among)
        if (not trade or metric.trade == trade) and all(word in _text(metric) for word in wanted)
    ]


def unknown_metrics(file: ContractFile, known: Collection[str]) -> list[Problem]:
    """Service levels that name a metric which is not among the `known` ones: a finding, for an organisation may know it by another code."""
    return [
        Problem(
            f"service_levels[{place}].metric",
            f"`{level.metric}` is not in the catalogue, so this level compares with no other",
        )
        for place, level in enumerate(file.service_levels)
        if level.metric is not None and level.metric not in known
    ]


def _read() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def _text(metric: Metric) -> str:
    return _plain(" ".join((metric.code, metric.name, metric.definition, *metric.figures)))


def _plain(text: str) -> str:
    """Small letters without accents, so that "disponibilité" and "Disponibilite" are one."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))
