"""The demo's data: valid files, figures that are the same on every start, and the stories that they tell."""

import csv
import io
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.contract_file import read
from demo import figures as demo
from demo.people import ALDERMOOR, BRIGHTWATER, CLIENTS_LOG_INS, ORGANISATIONS, PASSWORD, PEOPLE
from demo.stories import PLOTS
from measurements.figures_file import expectations
from measurements.figures_file import read as read_figures
from tests.evaluation.oracle import judge

TODAY = date(2026, 11, 23)
LAST = "2026-10"
REFERENCES = list(demo.contract_files())
ROOT = Path(__file__).resolve().parents[2]


def contract(reference: str) -> dict[str, Any]:
    """The contract file as the oracle takes it: every scalar as text, read without rounding."""
    loaded: dict[str, Any] = yaml.load(demo.contract_files()[reference].read_bytes(), Loader=yaml.BaseLoader)
    return {key: plain(value) for key, value in loaded.items()}


def plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return {"true": True, "false": False}.get(node, int(node) if node.isdecimal() else node)


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[str, Any]]:
    """What the contracts make of what was accepted, by reference."""
    return {reference: judge(contract(reference), accepted(reference), TODAY) for reference in REFERENCES}


def accepted(reference: str) -> list[dict[str, str]]:
    latest: dict[str, list[dict[str, str]]] = {}
    for submission in demo.figures(reference, TODAY):
        if submission["status"] == "accepted":
            latest[submission["month"]] = submission["rows"]
    return [row for rows in latest.values() for row in rows]


def outcomes(judgement: dict[str, Any], code: str) -> list[str]:
    return [row["outcome"] for row in judgement["results"] if row["service_level"] == code]


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_contract_file_is_valid_and_has_a_story_for_each_service_level(reference: str) -> None:
    source = demo.contract_files()[reference].read_bytes()
    read(source)
    loaded = yaml.safe_load(source)
    assert {level["code"] for level in loaded["service_levels"]} == set(PLOTS[reference].series)
    assert 5 <= len(loaded["service_levels"]) <= 9
    assert 3 <= len(loaded["kras"]) <= 4
    assert loaded["contract"]["starts_on"] <= date(2024, 11, 1) and loaded["contract"]["ends_on"] >= date(2028, 1, 1)


def test_two_organisations_share_one_of_nine_vendors() -> None:
    loaded = {reference: yaml.safe_load(path.read_bytes()) for reference, path in demo.contract_files().items()}
    assert sorted(REFERENCES) == sorted(reference for held in ORGANISATIONS.values() for reference in held)
    vendors = {name: {loaded[r]["contract"]["vendor"]["code"] for r in held} for name, held in ORGANISATIONS.items()}
    assert vendors[ALDERMOOR] & vendors[BRIGHTWATER] == {"CORVID"}
    assert len(vendors[ALDERMOOR] | vendors[BRIGHTWATER]) == 9
    assert {file["contract"]["currency"] for file in loaded.values()} == {"GBP", "EUR", "USD"}
    zones = {file["contract"]["timezone"] for file in loaded.values()}
    assert zones == {"Europe/London", "Europe/Dublin", "America/Chicago"}


def test_all_regimes_and_their_terms_are_there() -> None:
    text = {reference: path.read_text() for reference, path in demo.contract_files().items()}
    loaded = {reference: yaml.safe_load(source) for reference, source in text.items()}
    credits = {reference: file.get("credits") for reference, file in loaded.items()}
    assert len(loaded["MSA-2024-017"]["service_levels"][0]["terms"][0]["bands"]) == 5
    assert loaded["MSA-2024-017"]["service_levels"][0]["terms"][0]["repeat"] == ["1", "2"]
    assert {"over": "rolling_12", "amount": "72000.00"} in credits["MSA-2024-017"]["caps"]
    assert credits["NET-0412"]["point"]["percent_of"] == "at_risk"
    assert credits["NET-0412"]["earn_back"] == {"yearly_average": True}
    assert credits["HST-2024-031"]["minimum"] == "1.00"
    assert credits["PFI-SCH-02"]["tariff"]["kind"] == "marginal"
    assert credits["LOG-2024-011"]["tariff"]["kind"] == "step"
    assert credits["PRT-2024-014"] is None
    levels = [level for file in loaded.values() for level in file["service_levels"]]
    assert {level["measure"]["kind"] for level in levels} == {"ratio", "availability", "value", "count"}
    assert {level["every"] for level in levels} == {"week", "month", "quarter", "year"}
    terms = [version for level in levels for version in level["terms"]]
    assert {version["better"] for version in terms} == {"higher", "lower", "inside"}
    keys = {key for version in terms for key in version}
    assert {"rolling", "tolerated", "allowance", "minimum_volume", "rounding", "credits_from", "kras", "relief"} <= keys
    assert any(isinstance(kra["weight"], list) for file in loaded.values() for kra in file["kras"])


@pytest.mark.parametrize("today", [TODAY, date(2026, 12, 1), date(2027, 8, 15)])
@pytest.mark.parametrize("reference", REFERENCES)
def test_figures_are_taken_by_the_reader_of_figures_files(reference: str, today: date) -> None:
    expected = expectations(read(demo.contract_files()[reference].read_bytes()))
    rows = demo.reported(reference, today)
    written = io.StringIO()
    demo.write_csv(rows, written)
    taken = read_figures(written.getvalue().encode(), "figures.csv", expected)
    assert len(taken) == len(rows)
    kinds = {level["code"]: level["measure"]["kind"] for level in contract(reference)["service_levels"]}
    for row in rows:
        if row["relieved"] and kinds[row["service_level"]] == "ratio":
            assert Decimal(row["relieved"]) <= Decimal(row["denominator"]) - Decimal(row["numerator"]), row


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_same_month_gives_the_same_figures_on_every_start(reference: str) -> None:
    assert demo.figures(reference, TODAY) == demo.figures(reference, TODAY)
    early, late = demo.figures(reference, date(2026, 11, 1)), demo.figures(reference, date(2026, 11, 30))
    assert early == [submission for submission in late if submission["month"] != "2026-11"]


def test_figures_do_not_depend_on_the_process() -> None:
    program = "from demo.figures import *; print(figures('CO-2291', date(2026, 11, 23)))"
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert told[0].stdout == told[1].stdout and len(told[0].stdout) > 10_000


@pytest.mark.parametrize("reference", REFERENCES)
def test_at_least_24_months_up_to_the_last_one(reference: str) -> None:
    months = [submission["month"] for submission in demo.figures(reference, TODAY) if submission["revision"] == 1]
    assert len([month for month in months if month <= LAST]) >= 24
    assert months == sorted(set(months)) and LAST in months


def test_how_the_last_month_and_the_running_one_stand() -> None:
    standing = {
        (reference, submission["month"]): submission
        for reference in REFERENCES
        for submission in demo.figures(reference, TODAY)
        if submission["month"] >= LAST
    }
    last = Counter(submission["status"] for (_, month), submission in standing.items() if month == LAST)
    assert last == {"accepted": 7, "submitted": 2, "draft": 1}
    running = {reference: submission["rows"] for (reference, month), submission in standing.items() if month > LAST}
    assert {row["period"] for row in running.pop("ENV-2024-006")} == {"2026-10-26", "2026-11-02", "2026-11-09"}
    assert not running


def test_a_month_without_data_and_a_correction() -> None:
    assert [s["month"] for s in demo.figures("LOG-2024-011", TODAY) if s["status"] == "none"] == ["2026-02"]
    months = [(s["month"], s["revision"]) for s in demo.figures("PAY-2024-003", TODAY)]
    assert months[-5:-2] == [("2026-07", 1), ("2026-05", 2), ("2026-08", 1)]
    first, second = (s for s in demo.figures("PAY-2024-003", TODAY) if s["month"] == "2026-05")
    changed = {a["service_level"] for a, b in zip(first["rows"], second["rows"], strict=True) if a != b}
    assert changed == {"PR-01"} and second["reason"]


def test_the_decline_ends_in_the_one_right_to_terminate(judged: dict[str, Any]) -> None:
    desk = judged["MSA-2024-017"]
    critical = [rule for rule in desk["rules"] if rule["rule"] == "Critical performance failure"]
    assert [(rule["month"], rule["then"]) for rule in critical] == [(LAST, "termination_right")]
    assert outcomes(desk, "SD-01")[-9:] == ["met"] * 3 + ["default"] * 5 + ["pending"]
    scores = [Decimal(card["score"]) for card in desk["scorecards"][-6:]]
    assert scores == sorted(scores, reverse=True) and scores[-1] < 70
    assert Decimal(desk["months"][-1]["forgone"]) > 0


def test_the_recovery_after_the_plan_earns_a_credit_back(judged: dict[str, Any]) -> None:
    centre = judged["CO-2291"]
    assert outcomes(centre, "CC-01")[14:22] == ["miss"] + ["default"] * 3 + ["met"] * 4
    assert [row["month"] for row in centre["months"] if Decimal(row["earned_back"]) > 0] == ["2026-01", "2026-02"]
    assert Decimal(judged["NET-0412"]["months"][11]["earned_back"]) == Decimal("9540.00")


def test_a_dip_each_winter_and_a_level_raised_in_october(judged: dict[str, Any]) -> None:
    scores = {card["month"]: card["score"] for card in judged["LOG-2024-011"]["scorecards"]}
    assert all(Decimal(scores[month]) < 75 for month in ("2024-12", "2025-12"))
    assert all(Decimal(scores[month]) > 92 for month in ("2025-06", "2026-06"))
    assert scores["2026-02"] is None and scores[LAST] is None
    terms = {
        row["period"]: row["terms_from"] for row in judged["CO-2291"]["results"] if row["service_level"] == "CC-04"
    }
    assert (terms["2025-09-01"], terms["2025-10-01"]) == ("2024-05-01", "2025-10-01")


def test_guards_relief_incident_and_the_value_three_times(judged: dict[str, Any]) -> None:
    assert outcomes(judged["BWC-ICT-2024-09"], "AP-03").count("exempt") == 1
    assert outcomes(judged["NET-0412"], "NW-06").count("no_volume") == 2
    relieved = [row for row in accepted("ENV-2024-006") if row["relieved"] and row["service_level"] == "WS-01"]
    assert [row["period"] for row in relieved] == ["2026-01-05"]
    week = next(
        row
        for row in judged["ENV-2024-006"]["results"]
        if row["period"] == "2026-01-05" and row["service_level"] == "WS-01"
    )
    assert week["outcome"] == "met"
    named = [row for row in accepted("HST-2024-031") if row["incident"]]
    assert {row["service_level"] for row in named} == {"CL-01", "CL-02"} and len(
        {row["incident"] for row in named}
    ) == 1
    month = next(row for row in judged["HST-2024-031"]["months"] if row["month"] == "2026-06")
    assert Decimal(month["points"]) == 5
    desk = [row["value"] for row in accepted("PAY-2024-003") if row["service_level"] == "PR-07"]
    assert desk[-3:] == ["4.42"] * 3


def test_breaches_of_the_last_month_and_scores_are_plausible(judged: dict[str, Any]) -> None:
    fresh = [
        (reference, row["service_level"])
        for reference in ORGANISATIONS[ALDERMOOR]
        for row in judged[reference]["results"]
        if row["outcome"] == "default" and row["period"] == "2026-10-01"
    ]
    assert 3 <= len(fresh) <= 8
    for judgement in judged.values():
        scores = [Decimal(card["score"]) for card in judgement["scorecards"] if card["score"]]
        assert len(scores) >= 22 and min(scores) >= 60


def test_people_have_one_password_and_example_addresses() -> None:
    assert {person.password for person in PEOPLE} == {PASSWORD}
    assert all(person.email.endswith(".example.test") for person in PEOPLE)
    assert {person.organisation for person in PEOPLE if person.name == "Vera Novak"} == {ALDERMOOR, BRIGHTWATER}
    assert {email for _, email, _ in CLIENTS_LOG_INS} <= {person.email for person in PEOPLE}
    roles = {person.role for person in PEOPLE if person.organisation == ALDERMOOR}
    assert roles == {"procurement", "account_manager", "administrator", "auditor", "vendor_manager", "vendor_reporter"}


def test_written_to_a_folder_for_the_dry_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", str(tmp_path), "2026-11-23"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("manage.py try ") == 10
    assert len(list(tmp_path.glob("*.yaml"))) == len(list(tmp_path.glob("*.figures.csv"))) == 10
    rows = list(csv.DictReader(io.StringIO((tmp_path / "aldermoor-halden-contact-centre.figures.csv").read_text())))
    assert rows == demo.reported("CO-2291", TODAY)
    refused = subprocess.run(
        [*command[:3], str(tmp_path), "soon"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2 and "Usage" in refused.stderr
