"""Changing many contracts in the browser: from ticks in a list to contracts that are partly in force."""

from datetime import date

import pytest

from agreements.actions import approve_bulk, begin_bulk, consent, decline, put_in_force, submit_bulk, work_out_due
from agreements.models import BulkRevision, Revision
from agreements.rules import BulkStatus, Status
from tests.agreements.many import RAISE, STRICTER, report, worked_out, write
from tests.agreements.revised import JUNE
from tests.agreements.test_bulk import JULY

TYPED = {
    "kind": "charges",
    "percent": "3.4",
    "title": "Charges up 3.4%",
    "day": "2024-07-01",
    "reason": "As clause 12 says.",
}
HX = {"HX-Request": "true"}


@pytest.fixture
def contracts(cast, scope_of, clock):
    clock(JUNE)
    with scope_of(cast.aldermoor):
        return [
            write("A-1", cast.corvid),
            write("B-1", cast.halden),
            write("C-1", cast.halden, charges={"months": {"2024-04": "9"}}),
        ]


@pytest.fixture
def raised(cast, acting, contracts):
    return worked_out(acting, cast, contracts, **RAISE)


@pytest.fixture
def submitted(cast, acting, raised):
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    return raised


def page(bulk, rest=""):
    return f"bulk-revisions/{bulk.pk}/{rest}"


def now(scope_of, cast):
    with scope_of(cast.petra):
        return BulkRevision.objects.get()


def test_from_ticks_in_the_list_to_a_contract_that_is_in_force(cast, scope_of, contracts, client_for, acting):
    petra, marco = client_for(cast.petra), client_for(cast.marco)
    shown = petra.get("contracts/").text
    assert 'form="selection"' in shown and "Change all 3" in shown
    assert "selection" not in marco.get("contracts/").text
    chosen = ",".join(str(one.pk) for one in contracts)
    form = petra.get("bulk-revisions/new/?" + "&".join(f"contract={one.pk}" for one in contracts))
    assert form.context["count"] == 3 and f'value="{chosen}"' in form.text
    made = petra.post("bulk-revisions/new/", TYPED | {"contracts": chosen})
    bulk = now(scope_of, cast)
    assert made.status_code == 302 and made["Location"].endswith(page(bulk))
    with scope_of(cast.aldermoor):
        while work_out_due(now=JUNE):
            pass
    shown = petra.get(page(bulk)).text
    for said in (
        "£103,400.00",
        "£200,000.00",
        "£206,800.00",
        "1 cannot take the change",
        "lists them by month",
        "Submit 2 contracts",
    ):
        assert said in shown
    act = {"do": "submit", "version": str(now(scope_of, cast).version)}
    assert petra.post(page(bulk, "act/"), act).status_code == 422
    assert petra.post(page(bulk, "act/"), act | {"without": "on"}).status_code == 302
    decide = {"decision": "approve", "version": str(now(scope_of, cast).version)}
    assert marco.post(page(bulk, "decide/"), decide).status_code == 302
    with scope_of(cast.petra):
        corvid, halden = Revision.objects.order_by("contract__reference")
    assert "go from £100,000.00 to £103,400.00" in client_for(cast.vera).get(f"revisions/{corvid.pk}/consent/").text
    assert client_for(cast.vera).get(f"revisions/{halden.pk}/consent/").status_code == 404
    acting(cast.vera, consent, revision=corvid, edition=1)
    acting(cast.hana, decline, revision=halden, edition=1, reason="Too much.")
    assert "With vendors, 1 of 2 agreed" in petra.get(page(bulk)).text
    with scope_of(cast.aldermoor):
        put_in_force(now=JULY)
    shown = petra.get(page(bulk)).text
    assert "Partly in force, 1 of 2" in shown and "Declined" in shown
    assert "Partly in force, 1 of 2" in petra.get("bulk-revisions/").text


def test_all_that_the_list_shows_is_taken(cast, contracts, client_for):
    petra = client_for(cast.petra)
    assert petra.get("bulk-revisions/new/?all=1&q=halden&owner=all").context["count"] == 2
    assert petra.get("bulk-revisions/new/").text.count("No contract is chosen") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"percent": ""}, "Give both values of the index, or a percentage."),
        ({"percent": "", "index_before": "120", "index_after": "124"}, "Say which index it is"),
        ({"kind": "due_day"}, "Say how many working days"),
        ({"kind": "target"}, "Choose the metric."),
        ({"day": "2024-06-01"}, "This day has come."),
        ({"kind": "holidays"}, "Choose what changes."),
        ({"title": ""}, "Say in a few words"),
    ],
    ids=["percentage", "index", "days", "metric", "day", "kind", "title"],
)
def test_what_was_typed_is_kept_beside_what_is_wrong(cast, scope_of, contracts, client_for, typed, said):
    chosen = {"contracts": str(contracts[0].pk)}
    answer = client_for(cast.petra).post("bulk-revisions/new/", TYPED | typed | chosen)
    assert answer.status_code == 422 and said in answer.text
    assert "As clause 12 says." in answer.text and f'value="{contracts[0].pk}"' in answer.text
    with scope_of(cast.petra):
        assert not BulkRevision.objects.exists()


def test_how_far_it_is_can_be_seen_and_stopped(cast, scope_of, contracts, client_for, acting, monkeypatch):
    monkeypatch.setattr("agreements.actions.bulk_impact.SHARE", 1)
    bulk = acting(cast.petra, begin_bulk, contracts=[one.pk for one in contracts], **RAISE)
    petra = client_for(cast.petra)
    with scope_of(cast.aldermoor):
        work_out_due(now=JUNE)
    part = petra.get(page(bulk, "progress/"), headers=HX)
    assert "1 of 3 contracts" in part.text and "every 2s" in part.text and "HX-Refresh" not in part
    assert "1 of 3 contracts" in petra.get(page(bulk)).text
    assert petra.post(page(bulk, "act/"), {"do": "withdraw"}).status_code == 302
    part = petra.get(page(bulk, "progress/"), headers=HX)
    assert part["HX-Refresh"] == "true" and "every 2s" not in part.text
    assert "Withdrawn" in petra.get(page(bulk)).text


def test_nothing_is_decided_on_that_has_changed_since_it_was_opened(
    cast, scope_of, raised, contracts, client_for, acting
):
    petra, marco = client_for(cast.petra), client_for(cast.marco)
    seen = str(now(scope_of, cast).version)
    out = {"out": str(contracts[0].pk), "version": seen}
    assert petra.post(page(raised, "act/"), out).status_code == 302
    assert "1 left out by choice" in petra.get(page(raised)).text
    for stale in (out, {"do": "submit", "without": "on", "version": seen}):
        assert petra.post(page(raised, "act/"), stale).status_code == 409
    changed = {**TYPED, "percent": "3", "version": seen}
    answer = petra.post(page(raised, "change/"), changed)
    assert answer.status_code == 409 and 'value="3"' in answer.text
    acting(cast.petra, submit_bulk, bulk_revision=raised, without=True)
    with scope_of(cast.aldermoor):
        report(contracts[1], 80, "Counted twice")
    decide = {"decision": "approve", "version": str(now(scope_of, cast).version)}
    answer = marco.post(page(raised, "decide/"), decide)
    assert answer.status_code == 409 and "B-1: Figures have changed" in answer.text
    assert marco.post(page(raised, "decide/"), decide | {"decision": "send_back"}).status_code == 422
    back = decide | {"decision": "send_back", "reason": "Look again."}
    assert marco.post(page(raised, "decide/"), back).status_code == 302
    assert now(scope_of, cast).status == BulkStatus.SENT_BACK
    answer = petra.post(page(raised, "change/"), changed | {"version": str(now(scope_of, cast).version)})
    assert answer.status_code == 302 and now(scope_of, cast).change == {"percent": "3"}


def test_the_queue_of_approvals_has_one_line_for_all(cast, scope_of, submitted, client_for):
    marco, petra = client_for(cast.marco).get("approvals/"), client_for(cast.petra).get("approvals/")
    assert (
        marco.context["bulks"] == [submitted] and not marco.context["others"] and "2 contracts together" in marco.text
    )
    assert petra.context["my_bulks"] == [submitted] and not petra.context["bulks"]
    with scope_of(cast.petra):
        one = Revision.objects.first()
    shown = client_for(cast.marco).get(f"revisions/{one.pk}/approval/").text
    assert "All of them are decided on together" in shown and 'name="decision"' not in shown
    given = {"decision": "approve", "edition": "1"}
    assert client_for(cast.marco).post(f"revisions/{one.pk}/approval/decide/", given).status_code == 409


def test_who_may_look_and_who_may_act(cast, raised, client_for):
    olu = client_for(cast.olu)
    shown = olu.get(page(raised)).text
    assert "£103,400.00" in shown and "Leave out" not in shown and "Submit 2" not in shown
    assert olu.post(page(raised, "act/"), {"do": "withdraw"}).status_code == 403
    assert client_for(cast.marco).post(page(raised, "act/"), {"do": "submit"}).status_code == 403
    for address in ("bulk-revisions/", page(raised), page(raised, "progress/"), "bulk-revisions/new/"):
        assert client_for(cast.vera).get(address).status_code == 403
        assert client_for(cast.otto).get(address).status_code in ({404} if str(raised.pk) in address else {200, 403})


def test_pages_ask_the_same_whatever_there_is(cast, acting, contracts, client_for, django_assert_num_queries):
    petra = client_for(cast.petra)
    one = worked_out(acting, cast, contracts[:1], **STRICTER)
    petra.get(page(one))  # notes that she is here
    with django_assert_num_queries(10):
        petra.get(page(one))
    with django_assert_num_queries(10):
        petra.get("bulk-revisions/")
    acting(cast.petra, submit_bulk, bulk_revision=one)
    acting(cast.marco, approve_bulk, bulk_revision=one)
    three = worked_out(acting, cast, contracts, **RAISE | {"day": date(2024, 8, 1)})
    worked_out(acting, cast, contracts, **RAISE | {"day": date(2024, 9, 1)})
    with django_assert_num_queries(10):
        petra.get(page(three))
    with django_assert_num_queries(10):
        petra.get("bulk-revisions/")
    acting(cast.petra, submit_bulk, bulk_revision=three, without=True)
    with acting.scope_of(cast.petra):
        assert Revision.objects.filter(status=Status.SUBMITTED).count() == 2
