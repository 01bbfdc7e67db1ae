"""The catalogue is data that a contract file can take as it is."""

from decimal import Decimal
from pathlib import Path

import pytest

import demo
from contracts import contract_file
from contracts.contract_file.levels import MeasurePart, TermsPart
from slas.metric_catalogue import BAND_NAMES, Metric, metrics, search, trades, unknown_metrics
from tests.slas import contract_texts as texts

CONTRACTS = Path(demo.__file__).parent / "contracts"

EVERY = ("month", "quarter", "year", "week")


def test_eighty_metrics_in_eight_trades():
    counts = {trade: sum(metric.trade == trade for metric in metrics().values()) for trade in trades()}
    assert counts == {"IT": 18, "CC": 18, "FA": 12, "HR": 3, "BP": 3, "LG": 10, "FM": 8, "GV": 8}
    assert len(metrics()) == 80


@pytest.mark.parametrize("metric", metrics().values(), ids=metrics())
def test_each_is_complete_and_its_measure_and_bands_are_those_of_a_contract_file(metric: Metric):
    measure = MeasurePart.model_validate(metric.measure).full()
    assert metric.every in EVERY
    assert metric.name and metric.definition.endswith(".") and metric.traps
    assert all(trap.endswith((".", "!")) for trap in metric.traps)
    assert (metric.figure is None) == (metric.measure["kind"] in ("ratio", "availability"))
    assert (metric.target is None) == (metric.minimum is None)
    if bands := metric.bands():
        terms = TermsPart.model_validate({"from": "2025-04-01", "better": metric.better, "bands": bands}).full()
        assert terms["bands"][0]["at"] == metric.target
        assert metric.better in ("higher", "lower")
        if measure["unit"] == "percent":
            assert 0 <= Decimal(metric.target or "") <= 100


def test_where_target_and_minimum_are_one_there_is_no_band_between():
    assert [band["name"] for band in metrics()["HR-02"].bands() or []] == ["Target", "Below minimum"]


def named_against_their_sense(better, bands):
    wrong = {"lower": "below", "higher": "above"}.get(better, "-")
    return [band["name"] for band in bands if band["outcome"] != "met" and band["name"].lower().startswith(wrong)]


def test_no_band_is_called_below_where_lower_is_better():
    assert BAND_NAMES.keys() == {"higher", "lower", "inside"}
    for metric in metrics().values():
        assert named_against_their_sense(metric.better, metric.bands() or []) == [], metric.code
    for path in sorted(CONTRACTS.glob("*.yaml")):
        for level in contract_file.read(path.read_bytes()).service_levels:
            for terms in level.terms:
                full = terms.full()
                assert named_against_their_sense(full["better"], full["bands"]) == [], f"{path.name} {level.code}"


def test_words_are_found_in_any_order_and_without_accents_in_one_trade_or_in_all():
    assert [one.code for one in search("incident", "IT")][:4] == ["IT-02", "IT-03", "IT-04", "IT-06"]
    assert {one.code for one in search("time ÏNCIDENT responsé")} == {"IT-02"}
    assert search("it-02") == [metrics()["IT-02"]]
    assert search("nothing of the kind") == []
    assert len(search("")) == 80
    assert all(one.trade == "LG" for one in search("order", "LG"))


def test_a_metric_that_is_not_there_is_a_finding_and_no_error():
    known = next(iter(metrics()))
    levels = [texts.level("SL-01", metric=known), texts.level("SL-02", metric="NONE-1"), texts.level("SL-03")]
    file = contract_file.read(texts.text(texts.document(service_levels=levels)))
    assert [one.path for one in unknown_metrics(file, metrics())] == ["service_levels[1].metric"]
