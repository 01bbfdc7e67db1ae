"""What a proposed contract would have meant: the months behind, replayed, and said in one sentence."""

import copy
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from agreements.impact import still_holds, work_out
from contracts import contract_file
from measurements.actions import import_figures
from slas.actions import import_contract
from tests.evaluation.test_replay import CONTRACT, NOW, contract, everything_stored, row, settle, with_target

__all__ = ["contract"]


def impact(contract, document, **options):
    return work_out(contract, contract_file.read(json.dumps(document)), now=NOW, **options)


def test_a_harder_target_says_what_becomes_a_breach_and_what_it_costs(contract, cast, scope_of):
    """A is 96 from January to May, B misses in April and May; June is not reported."""
    with scope_of(cast.petra):
        before = everything_stored()
        found = impact(contract, with_target("A", "97"), months=12)
        assert everything_stored() == before
    summary = found.summary
    assert json.loads(json.dumps(summary)) == summary
    assert found.sentence == "5 results become breaches; credits rise from £600 to £2,000."
    assert summary["window"] == ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]
    assert summary["figures"]["breaches"] == {"was": 2, "becomes": 7}
    assert summary["figures"]["met"] == {"was": 8, "becomes": 3, "of": 10}
    assert summary["figures"]["points"] == {"was": "6", "becomes": "24"}
    assert summary["figures"]["credit"] == {"was": "600", "becomes": "2000"}
    [level] = summary["levels"]
    assert (level["code"], level["met"], level["of"]) == ("A", {"was": 5, "becomes": 0}, 5)
    assert [slot["becomes"]["points"] for slot in level["slots"]] == ["2", "4", "4", "4", "4", "0"]
    april = next(month for month in summary["months"] if month["month"] == "2025-04")
    assert (april["points"], april["credit"]) == ({"was": "2", "becomes": "6"}, {"was": "200", "becomes": "500"})
    assert [result["code"] for result in april["results"]] == ["A"]
    assert [(rule["rule"], rule["was"], rule["becomes"][0]) for rule in summary["rules"]] == [
        ("Three", ["2025-05", "2025-06"], "2025-02")
    ]
    assert summary["restates"] is None


def test_the_sentence_counts_service_levels_whose_months_are_not_listed(cast, scope_of):
    """Of 22 service levels the months of 20 are listed, to be drawn."""
    document = copy.deepcopy(CONTRACT)
    easy, hard = (one["service_levels"][0] for one in (CONTRACT, with_target("A", "97")))
    document["service_levels"] = [easy | {"code": f"L{number}"} for number in range(22)]
    harder = document | {"service_levels": [hard | {"code": f"L{number}"} for number in range(22)]}
    with scope_of(cast.petra):
        made = import_contract(by=cast.petra, source=json.dumps(document))
        rows = [row(f"L{number}", month, 96) for number in range(22) for month in (1, 2)]
        import_figures(by=None, contract=made, rows=rows, accept=True, now=NOW)
        settle(NOW)
        found = impact(made, harder)
    assert sum(bool(level["slots"]) for level in found.summary["levels"]) == 20
    assert found.sentence == "44 results become breaches; credits rise from £0 to £1,000."


def test_the_window_is_of_the_months_asked_for(contract, cast, scope_of):
    with scope_of(cast.petra):
        found = impact(contract, with_target("A", "97"), months=2)
    assert found.summary["window"] == ["2025-05", "2025-06"]
    assert found.sentence == "May 2025 becomes a breach; credits rise from £400 to £500."


def test_nothing_changed_asks_for_a_change(contract, cast, scope_of):
    with scope_of(cast.petra):
        assert impact(contract, CONTRACT).sentence == "Change a term to see its effect."


def test_a_cap_that_keeps_credits_is_said(contract, cast, scope_of):
    with_cap = copy.deepcopy(CONTRACT)
    with_cap["credits"] = [
        CONTRACT["credits"],
        {"from": "2026-01-01", "point": {"amount": "100.00"}, "caps": [{"amount": "200.00", "over": "month"}]},
    ]
    with scope_of(cast.petra):
        capped = impact(contract, with_cap)
        assert capped.sentence == "Credits fall from £600 to £400."
        assert capped.summary["parts"] == ["credits"]
        harder = with_target("A", "97")
        harder["credits"] = with_cap["credits"]
        assert impact(contract, harder).summary["figures"]["credit"] == {"was": "600", "becomes": "1000"}


def test_weights_alone_change_the_score(contract, cast, scope_of):
    document = copy.deepcopy(CONTRACT)
    document["service_levels"][0]["terms"].append(
        document["service_levels"][0]["terms"][0] | {"from": "2026-01-01", "kras": {"K": 150}}
    )
    with scope_of(cast.petra):
        found = impact(contract, document)
    assert found.summary["figures"]["score"] == {"was": "88", "becomes": "94"}
    assert found.sentence == "The mean score would be 94.0 instead of 88.0."


def test_what_is_measured_otherwise_is_not_recomputed(contract, cast, scope_of):
    document = with_target("A", "97")
    document["service_levels"][0]["measure"]["among"] = "All but those on a Sunday"
    with scope_of(cast.petra):
        found = impact(contract, document)
    assert found.summary["levels"] == []
    assert [one["code"] for one in found.summary["caveats"]] == ["redefined", "short", "past", "clean"]


def test_caveats_name_what_is_new_restated_and_relieved(contract, cast, scope_of):
    document = with_target("A", "97")
    document["service_levels"].append(CONTRACT["service_levels"][0] | {"code": "C", "name": "Calls answered"})
    with scope_of(cast.petra):
        again = [row("A", 3, 80), row("B", 3, 97)]
        again[0] = again[0].__class__(
            2, "A", date(2025, 3, 1), numerator=Decimal(80), denominator=Decimal(100), relieved=Decimal(3)
        )
        import_figures(by=None, contract=contract, rows=again, reason="Wrong month", accept=True, now=NOW)
        settle(NOW)
        found = impact(contract, document)
    assert {one["code"]: one["text"] for one in found.summary["caveats"]} == {
        "short": "Uses 6 months. Fewer than 12 makes this a weak guide.",
        "added": "Calls answered is new: there are no figures, and nothing is made up.",
        "past": "The past under other terms, not a forecast: Corvid Systems might have acted differently.",
        "same": "What is measured is unchanged, so every month could be replayed.",
        "restated": "1 result of these months was restated; the replay uses what holds now.",
        "relieved": "1 figure has cases under relief; they are relieved here, too.",
    }


def test_dating_back_lists_what_it_would_restate(contract, cast, scope_of):
    """The question of both sides: not the last months in general, but what is stored and would no longer hold."""
    with scope_of(cast.petra):
        restates = impact(contract, with_target("A", "97", "2025-04-01")).summary["restates"]
    assert restates["results"] == 2
    assert restates["months"] == ["2025-04", "2025-05"]
    assert restates["breaches"] == {"opened": 2, "gone": 0}
    assert restates["credits"] == [
        {"month": "2025-04", "was": "200", "becomes": "400"},
        {"month": "2025-05", "was": "400", "becomes": "500"},
    ]


def test_an_impact_that_was_kept_holds_until_its_data_change(contract, cast, scope_of):
    """A later month is no change of what was seen; a corrected one is."""
    file = contract_file.read(json.dumps(with_target("A", "97")))
    with scope_of(cast.petra):
        kept = work_out(contract, file, now=NOW)
        later = NOW + timedelta(days=31)
        import_figures(by=None, contract=contract, rows=[row("A", 7, 91)], accept=True, now=later)
        settle(later)
        assert len(work_out(contract, file, now=later).summary["window"]) == 7
        assert still_holds(contract, file, kept.summary, kept.fingerprint, now=later)
        import_figures(by=None, contract=contract, rows=[row("A", 3, 80)], reason="Wrong month", accept=True, now=later)
        settle(later)
        assert not still_holds(contract, file, kept.summary, kept.fingerprint, now=later)


def test_without_a_past_there_is_nothing_to_replay(cast, scope_of):
    with scope_of(cast.petra):
        fresh = import_contract(by=cast.petra, source=json.dumps(CONTRACT))
        found = impact(fresh, with_target("A", "97"))
    assert found.sentence == "No month has been judged yet, so there is nothing to replay."
    assert found.fingerprint == ""


@pytest.mark.parametrize("months", [1, 36])
def test_the_number_of_statements_does_not_depend_on_the_months(
    contract, cast, scope_of, months, django_assert_num_queries
):
    with scope_of(cast.petra):
        impact(contract, with_target("A", "97"), months=months)
        with django_assert_num_queries(16):
            impact(contract, with_target("A", "97"), months=months)
