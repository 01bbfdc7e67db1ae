"""The scorecard of a contract's month, for the client's people and the vendor's own; and the pages about vendors."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from breaches.rules import Status
from evaluation.actions import judge_due
from evaluation.models import Month, Result
from measurements.actions import accept, import_figures
from scorecards.pages.levels import Level
from tests.factories import breaches as make_breaches
from tests.factories import contracts, evaluation, kras, measurements, slas
from tests.markup import tight
from tests.measurements.reporting import csv

PART = {"HX-Request": "true", "HX-Target": "section#scorecard"}
GRADES = {
    "missing": "exclude",
    "grades": [{"name": "Good", "at": "90"}, {"name": "Fair", "at": "75"}, {"name": "Poor"}],
}


def address(found, query=""):
    return f"contracts/{found.contract.pk}/scorecard/{query}"


def level(page, code="SL-01"):
    return next(row for row in page.context["levels"] if row.level.code == code)


def test_the_page(cast, judged, scope_of, client_for):
    found = judged(cast.corvid, scorecard=GRADES)
    with scope_of(cast.aldermoor):
        found.contract.scorecards.filter(month=found.periods[1].month).update(grade="Fair")
        found.breach()
        evaluation.triggered_rule(found.periods[1])
    page = client_for(cast.marco).get(address(found))
    html = page.content.decode()
    assert html.startswith("<!doctype html>")
    assert page.context["grade"] == {"name": "Fair", "look": "risk", "next": "10 score points short of “Good” (90)."}
    assert (page.context["card"].score, page.context["change"], page.context["lost"]) == (80, -10, 20)
    row = level(page)
    assert (row.shown, row.target, row.minimum, row.outcome, row.change) == ("92.0%", "≥ 95%", "", "default", 0)
    assert [group.earned for group in page.context["groups"]] == [Decimal(80)]
    assert "Chronic failure" in html
    assert "Breach opened: Incidents resolved on time" in html
    assert "Figures accepted by Marco Bellini" in html
    assert "Off target for 2 months in a row." in page.context["findings"]


@pytest.mark.parametrize(("query", "statements"), [("", 12), ("?period=2024-06", 14)])
def test_the_same_number_of_statements_for_one_level_and_three(
    cast, judged, scope_of, client_for, django_assert_num_queries, query, statements
):
    found = judged(cast.corvid)
    client = client_for(cast.marco)
    client.get("inbox/")  # notes that he is here
    with django_assert_num_queries(statements):
        client.get(address(found, query))
    with scope_of(cast.aldermoor):
        for code in ("SL-02", "SL-03"):
            more = slas.service_level(found.contract, code=code, kra=kras.kra(found.contract, code=f"K{code}"))
            terms = slas.terms(more)
            for period in found.periods[:2]:
                evaluation.result(terms, period)
                make_breaches.breach(more, period)
        found.score()
    with django_assert_num_queries(statements):
        assert len(client.get(address(found, query)).context["levels"]) == 3


def test_the_points_are_shared_among_what_was_measured(cast, judged, scope_of, client_for):
    """A level without data neither earns nor loses; the other one carries the whole weight of the KRA."""
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        silent = slas.service_level(found.contract, code="SL-02", kra=found.level.alignments.get().kra)
        evaluation.result(
            slas.terms(silent), found.periods[1], outcome="not_measured", value=None, score=None, streak=0, band=None
        )
        found.score()
    lines = client_for(cast.marco).get(address(found)).context["groups"][0].lines
    assert [(line.row.level.code, line.points, line.earned) for line in lines] == [
        ("SL-01", 100, 80),
        ("SL-02", None, None),
    ]


def test_where_the_contract_counts_missing_as_zero_it_costs_points(cast, judged, scope_of, client_for):
    found = judged(cast.corvid, scorecard={"missing": "zero", "grades": []})
    with scope_of(cast.aldermoor):
        silent = slas.service_level(found.contract, code="SL-02", kra=found.level.alignments.get().kra)
        evaluation.result(
            slas.terms(silent), found.periods[1], outcome="not_measured", value=None, score=None, streak=0, band=None
        )
        found.score()
    lines = client_for(cast.marco).get(address(found)).context["groups"][0].lines
    assert [(line.points, line.earned) for line in lines] == [(50, 40), (50, 0)]


def test_what_is_missing_is_named(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        found.contract.scorecards.filter(month=found.periods[1].month).update(provisional=True)
        more = slas.service_level(found.contract, code="SL-02", name="Calls answered")
        evaluation.result(slas.terms(more), found.periods[1], outcome="pending", value=None, score=None, streak=0)
    note = client_for(cast.marco).get(address(found)).context["note"]
    assert (note["look"], note["lead"]) == ("late", "Provisional.")
    assert note["text"].startswith(
        "Figures of “Calls answered” are not accepted yet. They are due by Fri 14 Jun 2024 BST."
    )


def test_not_reported(cast, judged, scope_of, client_for):
    found = judged(cast.corvid, score=None)
    with scope_of(cast.aldermoor):
        evaluation.result(found.terms, found.periods[1], outcome="not_measured", value=None, score=None, streak=0)
    page = client_for(cast.marco).get(address(found, "?period=2024-05"))
    assert page.context["note"]["lead"] == "Not reported."
    assert "due by Fri 14 Jun 2024 BST. There is no score without them." in page.context["note"]["text"]
    assert level(page).shown == "–"


def test_waiting_for_a_decision(cast, judged, scope_of, client_for):
    found = judged(cast.corvid, score=None)
    with scope_of(cast.aldermoor):
        evaluation.result(found.terms, found.periods[1], outcome="not_measured", value=None, score=None, streak=0)
        waiting = measurements.submission(found.contract, found.periods[1].month, by=cast.vera)
        measurements.figure(waiting, found.level, found.periods[1])
    assert client_for(cast.marco).get(address(found, "?period=2024-05")).context["note"]["lead"] == "To accept."


def test_not_started(cast, judged, client_for):
    page = client_for(cast.marco).get(address(judged(cast.corvid), "?period=2024-06"))
    assert page.context["note"]["lead"] == "Not started."
    assert "1 Jul 2024" in page.context["note"]["text"]
    assert level(page).target == "≥ 95%"
    assert "Not due" in page.content.decode()


def test_new_terms_step_the_limits(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        stricter = [{"name": "Target", "at": "97", "outcome": "met"}, {"name": "Failed", "outcome": "default"}]
        found.level.terms.filter(version=1).update(valid=("2024-04-01", "2024-05-01"))
        second = slas.terms(
            found.level, version=2, valid=("2024-05-01", None), full={"better": "higher", "bands": stricter}
        )
        found.contract.refresh_from_db()
        type(found.result).objects.filter(pk=found.result.pk).update(terms_id=second.pk)
    page = client_for(cast.marco).get(address(found))
    assert level(page).target == "≥ 97%"
    assert [note["text"] for note in page.context["chart"]["notes"]] == ["v2 in force"]


def test_the_level_and_the_range_stand_in_the_address(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        other = slas.service_level(found.contract, code="SL-02", name="Calls answered")
        evaluation.result(slas.terms(other), found.periods[1], outcome="met", streak=0)
    client = client_for(cast.marco)
    assert client.get(address(found)).context["chosen"].level.code == "SL-01"  # what is in breach comes first
    page = client.get(address(found, "?sla=SL-02&range=6"))
    assert page.context["chosen"].level.code == "SL-02"
    assert (6, True) in page.context["ranges"]
    part = client.get(address(found, "?sla=SL-02"), headers=PART).content.decode().strip()
    assert tight(part).startswith('<section id="scorecard"')


@pytest.mark.parametrize(
    ("asked", "shown"), [("2020-01", "April 2024"), ("2031-01", "June 2024"), ("nonsense", "May 2024")]
)
def test_periods_stay_within_the_contract(cast, judged, client_for, asked, shown):
    assert (
        client_for(cast.marco).get(address(judged(cast.corvid), f"?period={asked}")).context["period"]["label"] == shown
    )


def test_the_vendor_s_people_see_their_own(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    html = client_for(cast.vera).get(address(found)).content.decode()
    assert 'class="portal"' in html
    assert client_for(cast.hana).get(address(found)).status_code == 404
    assert client_for(cast.otto).get(f"/o/aldermoor/{address(found)}").status_code == 404
    assert client_for(cast.vera).get("scorecards/")["Location"] == f"/o/aldermoor/{address(found)}"


def test_the_month_s_short_address(cast, judged, client_for):
    found = judged(cast.corvid)
    client = client_for(cast.marco)
    there = client.get(f"contracts/{found.contract.pk}/2024-05/")
    assert there["Location"] == f"/o/aldermoor/{address(found)}?period=2024-05"
    assert client.get(f"contracts/{found.contract.pk}/nonsense/").status_code == 404


def test_vendors(cast, judged, scope_of, client_for, django_assert_num_queries):
    judged(cast.corvid, title="Service desk")
    client = client_for(cast.marco)
    client.get("inbox/")  # notes that he is here
    with django_assert_num_queries(11):
        html = client.get("vendors/").content.decode()
    assert "Service desk" in html
    assert "No contract" in html  # Halden's
    judged(cast.halden)
    judged(cast.halden)
    with django_assert_num_queries(11):
        client.get("vendors/")
    found = client.get("vendors/?q=service+corvid", headers={"HX-Request": "true", "HX-Target": "section#vendors"})
    part = found.content.decode()
    assert part.strip().startswith('<section id="vendors"')
    assert "Corvid Systems" in part
    assert "Halden BPO" not in part


def test_a_vendor(cast, judged, scope_of, client_for, django_assert_num_queries):
    one = judged(cast.corvid, score="70")
    with scope_of(cast.aldermoor):
        one.breach()
    client = client_for(cast.marco)
    client.get("inbox/")  # notes that he is here
    with django_assert_num_queries(12):
        page = client.get("vendors/CORVID/")
    assert [(contract.pk, card.score, change) for contract, card, change, *_ in page.context["rows"]] == [
        (one.contract.pk, 70, -20)
    ]
    assert page.context["live"] == 1
    for score in ("80", "90"):
        judged(cast.corvid, score=score)
    with django_assert_num_queries(12):
        assert len(client.get("vendors/CORVID/").context["rows"]) == 3
    assert client.get("vendors/NOBODY/").status_code == 404


def test_acknowledged_breaches_stand_in_the_history(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        at = "2024-06-02T09:00Z"
        found.breach(status=Status.ACKNOWLEDGED, acknowledged_by=cast.marco, acknowledged_at=at)
        evaluation.past_result(found.terms, found.periods[1])
    for who in (cast.marco, cast.vera):
        said = [entry["what"] for entry in client_for(who).get(address(found)).context["history"]]
        assert said[0] == "Marco Bellini acknowledged the breach of Incidents resolved on time"
        assert "1 result restated: Two incidents were counted twice." in said


def test_first_figures_that_come_late_restate_nothing(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    april = {"service_level_id": found.terms.service_level_id, "starts_on": found.periods[1].starts_on}
    with scope_of(cast.aldermoor):
        Result.objects.filter(**april).update(revision=2)
        evaluation.past_result(found.terms, found.periods[1], outcome="not_measured")
    assert ">restated<" not in tight(client_for(cast.marco).get(address(found)).content.decode())
    with scope_of(cast.aldermoor):
        Result.objects.filter(**april).update(revision=3)
        evaluation.past_result(found.terms, found.periods[1], outcome="default", revision=2)
    assert ">restated<" in tight(client_for(cast.marco).get(address(found)).content.decode())


def test_what_follows_from_another_month_leads_there(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    because = "Follows from April 2024, reported late"
    with scope_of(cast.aldermoor):
        follows = {"restated_because": because, "follows_from": found.periods[0].starts_on}
        evaluation.past_result(found.terms, found.periods[1], **follows)
        other = slas.terms(slas.service_level(found.contract, "SL-02"))
        evaluation.past_result(other, found.periods[1], **follows | {"follows_from": None})
    page = client_for(cast.marco).get(address(found)).content.decode()
    assert f'<a href="?period=2024-04">1 result restated: {because}</a>' in page
    assert f"1 result restated: {because}\n<time" in page


MONTHLY = SimpleNamespace(cycle="month", measure={"kind": "ratio", "unit": "percent"})


class Steady(Level):
    """A service level of which only the trend matters here."""

    better, unit, edges = "higher", "%", (Decimal(95), None)


@pytest.mark.parametrize(("last", "usual"), [("97.0", True), ("60", False)])
def test_what_to_expect_is_said_of_a_process_that_goes_on_as_it_was(last, usual):
    """A value far outside what is usual is no chance, and then the limits foretell nothing."""
    values = ["97.0", "94.1", "96.8", "94.5", "97.2", "94.0", "96.9", "94.4", "97.1", last]
    results = [
        SimpleNamespace(value=Decimal(value), outcome="met", month=date(2024, at, 1), cycle="month")
        for at, value in enumerate(values, 1)
    ]
    found = " ".join(Steady(MONTHLY, date(2024, 10, 1), results).findings)
    assert ("some periods reach the target" in found, "worse than usual" in found) == (usual, not usual)


def test_after_a_shift_nothing_is_said_of_chance():
    values = ["97.0", "98.1", "97.8", "98.2", *["94.0", "94.2"] * 4, "95.5"]
    results = [
        SimpleNamespace(value=Decimal(value), outcome="met", month=date(2024, at, 1), cycle="month")
        for at, value in enumerate(values[:-1], 1)
    ]
    row = Steady(MONTHLY, date(2024, 12, 1), results)
    assert row.signal["words"] == "Trend: getting worse"
    assert [sentence.rsplit(":")[-1] for sentence in row.findings] == [" getting worse."]


def test_the_verdict_is_of_the_history_however_much_is_drawn(cast, scope_of, client_for, clock):
    """Of the last six values alone the last one would be none that chance does not explain."""
    clock(datetime(2025, 4, 20, tzinfo=UTC))
    with scope_of(cast.aldermoor):
        made = contracts.contract(cast.corvid)
        terms = slas.terms(slas.service_level(made, kra=kras.kra(made)))
        values = ("99.0", "99.2", "99.1", "99.3", "99.0", "99.2", "99.9", "99.1", "99.8", "99.0", "97.5")
        for period, value in zip(contracts.periods(made, count=11), values, strict=True):
            evaluation.result(terms, period, outcome="met", value=Decimal(value), streak=0, consecutive_defaults=0)
    pages = [
        client_for(cast.marco).get(f"contracts/{made.pk}/scorecard/?period=2025-02&range={count}")
        for count in (6, 12, 24)
    ]
    said = [(page.context["findings"], page.context["chosen"].signal["words"]) for page in pages]
    assert said == [said[0]] * 3
    assert said[0][0] == ["97.5% in February 2025 is unusually low (usual range 97.64% to 100%): worse than usual."]
    assert [len(page.context["chart"]["points"]) for page in pages] == [6, 11, 11]
    assert 'title="97.5% in February 2025 is unusually low' in pages[0].content.decode()


def test_what_is_due_but_not_accepted_is_not_called_nothing(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        made = contracts.contract(cast.corvid)
        blank = {"value": None, "numerator": None, "denominator": None, "consecutive_defaults": 0, "streak": 0}
        terms = slas.terms(slas.service_level(made, kra=kras.kra(made)))
        evaluation.result(terms, contracts.periods(made, count=2)[1], outcome="pending", **blank)
    page = client_for(cast.marco).get(f"contracts/{made.pk}/scorecard/").content.decode()
    assert "No figures have been accepted yet." in page
    assert "Nothing is due" not in page


def test_the_money_adds_up_in_one_direction(cast, judged, scope_of, client_for):
    """What the client gets is positive, what goes off it negative."""
    found = judged(cast.corvid)
    may = found.periods[1]
    with scope_of(cast.aldermoor):
        counted = [{"code": found.level.code, "share": 500}]
        Month.objects.filter(month=may.month).update(trace={"counted": counted})
        make_breaches.ledger_entry(may)
        signed = {"proposed_by": cast.petra, "approved_by": cast.marco, "reason": "Ours in part."}
        make_breaches.ledger_entry(may, kind="waiver", amount=-90, **signed)
        make_breaches.ledger_entry(may, kind="invoice", amount=-300, reference="INV-1", proposed_by=cast.petra)
    page = client_for(cast.marco).get(address(found))
    assert [(row["label"], row["text"]) for row in page.context["money_rows"]] == [
        ("Incidents resolved on time", "£500.00"),
        ("Waived", "−£90.00"),
        ("Credit due", "£410.00"),
        ("Deducted on invoices", "−£300.00"),
        ("Left", "£110.00"),
    ]
    html = " ".join(page.content.decode().split())
    assert ">£100,000.00</a>" in html
    assert "Ledger balance today, all months" in html


def test_what_was_earned_back_goes_off_what_is_due(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        Month.objects.filter(month=found.periods[1].month).update(credit=0, earned_back=120)
    rows = client_for(cast.marco).get(address(found)).context["money_rows"]
    assert [(row["label"], row["text"]) for row in rows] == [("Earned back", "−£120.00"), ("Credit due", "−£120.00")]


@pytest.mark.parametrize(("good", "shown"), [(9501, "95.01"), (9499, "94.99"), (9420, "94.2")])
def test_values_are_written_as_on_the_submission(cast, agreed, scope_of, client_for, good, shown):
    """95.01 % reaches 95 % by a little: on neither page it is 95.0."""
    with scope_of(cast.vera):
        source = csv(f"SL-01,2024-04-01,{good},10000")
        (made,) = import_figures(by=cast.vera, contract=agreed, source=source, submit=True)
    marco, path = client_for(cast.marco), f"submissions/{made.pk}/"
    assert f"{shown}%" in marco.get(path).content.decode()
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=made)
    with scope_of(cast.aldermoor):
        judge_due(now=datetime(2024, 6, 20, 12, tzinfo=UTC))
    for seen in (path, f"contracts/{agreed.pk}/scorecard/?period=2024-04"):
        assert f"{shown}%" in marco.get(seen).content.decode()


def test_a_vendor_s_contact_finds_their_own_contracts_first(cast, client_for, scope_of, agreed):
    with scope_of(cast.aldermoor):
        other = contracts.contract(cast.corvid, title="Another desk")
        contracts.owner(other, cast.vera)
    vera, ravi = client_for(cast.vera), client_for(cast.ravi)
    assert [one.pk for one, _ in vera.get("scorecards/").context["rows"]] == [other.pk]
    for client, query in ((vera, "?owner=all"), (ravi, "")):
        assert {one.pk for one, _ in client.get(f"scorecards/{query}").context["rows"]} == {other.pk, agreed.pk}
