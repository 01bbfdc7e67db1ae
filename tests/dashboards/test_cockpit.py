"""The month as a whole: every expected figure by state, who acts next, and reminders."""

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import alert_due
from contracts.actions import give_extensions
from contracts.models import Contract, Extension, Period
from dashboards.actions import remind
from dashboards.querysets import cockpit
from evaluation.models import Result
from lib.errors import Conflict, NotAllowed, RuleBroken
from measurements.models import Submission
from notifications.models import Event, Notification
from organisations.models import Membership
from tests.dashboard_world import APRIL, NOW, in_june, judged  # noqa: F401
from tests.factories import contracts, disputes, measurements, scorecards, slas
from tests.markup import tight


@pytest.fixture
def missing(cast, scope_of, in_june):  # noqa: F811
    """Corvid's contract with three service levels, of which nothing was reported for April."""
    with scope_of(cast.aldermoor):
        made = contracts.contract(cast.corvid, reference="MISSING")
        contracts.periods(made, count=2)
        for number in range(3):
            slas.terms(slas.service_level(made, code=f"M-{number}", name=f"Calls {number}"))
    return made


def states(cast, scope_of, month=APRIL, now=NOW):
    """How many figures are in a state and wait for somebody: as they are counted, which is as they are one by one."""
    with scope_of(cast.aldermoor):
        counted, each = Counter(), Counter()
        for one in cockpit.tally(cockpit.by_contract(month, now, None)):
            counted[one.state, one.acts] += one.number
        for figure in cockpit.figures(month, now, None):
            each[figure.state, figure.acts] += 1
    assert counted == each
    return dict(counted)


def test_each_figure_is_in_one_state_and_somebody_acts_next(cast, scope_of, judged, missing):  # noqa: F811
    found = judged(cast.corvid)
    assert states(cast, scope_of) == {("late", "vendor"): 3, ("judged", "client"): 1}
    with scope_of(cast.aldermoor):
        waiting = measurements.submission(missing, APRIL, by=cast.vera)
        level = missing.service_levels.order_by("code").first()
        measurements.figure(waiting, level, missing.periods.get(month=APRIL))
    assert states(cast, scope_of)["waiting", "client"] == 1
    with scope_of(cast.aldermoor):
        type(waiting).objects.filter(pk=waiting.pk).update(status="returned", decided_at=NOW)
        Result.objects.filter(month=APRIL, contract=found.contract).update(outcome="no_volume")
    assert states(cast, scope_of) == {("late", "vendor"): 2, ("returned", "vendor"): 1, ("no_volume", "client"): 1}
    with scope_of(cast.aldermoor):
        scorecards.publication(found.periods[0], by=cast.marco)
    assert states(cast, scope_of)["published", "nobody"] == 1
    early = datetime(2024, 4, 20, tzinfo=UTC)
    assert states(cast, scope_of, now=early)["not_due", "nobody"] == 2
    assert states(cast, scope_of, now=datetime(2024, 5, 2, tzinfo=UTC))["due", "vendor"] == 2


def test_what_is_disputed_waits_for_the_client(cast, scope_of, judged):  # noqa: F811
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        disputes.dispute(found.level, found.periods[0], cast.vera)
    assert states(cast, scope_of) == {("disputed", "client"): 1}


def test_figures_of_a_contract_that_stand_differently(cast, scope_of, judged):  # noqa: F811
    """One is judged, one heard, one accepted and not judged yet, one lacks, and a correction of what is accepted waits with one more."""
    found = judged(cast.corvid)
    april = found.periods[0]
    with scope_of(cast.aldermoor):
        accepted = Submission.objects.get(contract=found.contract, month=APRIL)
        levels = [slas.service_level(found.contract, code=f"N-{number}") for number in range(4)]
        for level in levels:
            slas.terms(level)
        for level in levels[:2]:
            measurements.figure(accepted, level, april)
        disputes.relief_request(levels[0], april, cast.vera)
        disputes.relief_request(levels[3], april, cast.vera)
    before = {("judged", "nobody"): 1, ("relief", "client"): 1, ("accepted", "nobody"): 1, ("late", "vendor"): 2}
    assert states(cast, scope_of) == before
    with scope_of(cast.aldermoor):
        correction = measurements.submission(found.contract, APRIL, by=cast.vera, revision=2, reason="One more")
        for level in [found.level, *levels[:3]]:
            measurements.figure(correction, level, april)
    assert states(cast, scope_of) == before | {("late", "vendor"): 1, ("waiting", "client"): 1}
    with scope_of(cast.aldermoor):
        scorecards.publication(april, by=cast.marco)
    after = {("published", "nobody"): 2, ("relief", "client"): 1, ("late", "vendor"): 1, ("waiting", "client"): 1}
    assert states(cast, scope_of) == after


def test_the_page_counts_filters_and_shows_what_is_missing_first(cast, client_for, judged, missing):  # noqa: F811
    judged(cast.halden)
    page = client_for(cast.marco).get("month/?period=2024-04&owner=all")
    html = tight(page.content.decode())
    assert "3 figures wait for vendors, 1 for you. 0 of 4 are published." in html
    assert [group["first"].state for group in page.context["groups"]] == ["late", "judged"]
    judged_one = next(
        row["figure"] for group in page.context["groups"] for row in group["rows"] if row["figure"].result_id
    )
    assert f"results/{judged_one.result_id}/why/" in html, "what is judged leads to its explanation"
    assert "scorecard/?period=2024-04&amp;sla=M-0" in html, "and what is missing to where it will stand"
    late = client_for(cast.marco).get("month/?period=2024-04&owner=all&state=late")
    assert [len(group["rows"]) for group in late.context["groups"]] == [3] and late.context["matching"] == 3
    empty = client_for(cast.marco).get("month/?period=2023-01&owner=all").content.decode()
    assert "Nothing is expected" in empty
    assert client_for(cast.vera).get("month/").status_code == 403


def test_a_month_without_figures_says_what_to_do_next(cast, scope_of, client_for, missing):
    """Before the first contract, in a month in which none runs, and where none of one's own does."""
    contracts_url, everybodys = 'href="/o/aldermoor/contracts/">Contracts', "?period=2023-01&amp;owner=all"
    none_runs = client_for(cast.marco).get("month/?period=2023-01").content.decode()
    assert "Choose another one above." in none_runs and contracts_url not in none_runs
    with scope_of(cast.aldermoor):
        contracts.owner(missing, cast.marco)
    of_mine = client_for(cast.marco).get("month/?period=2023-01").content.decode()
    assert "Nothing of yours is expected" in of_mine and everybodys in of_mine
    with scope_of(cast.brightwater):
        assert not Contract.objects.exists()
    assert contracts_url.replace("aldermoor", "brightwater") in client_for(cast.otto).get("month/").content.decode()


def test_a_reminder_goes_to_the_contact_once_a_day_and_is_shown(cast, scope_of, client_for, missing):
    with scope_of(cast.aldermoor):
        contracts.owner(missing, Membership.objects.get(pk=cast.vera.pk))
        keys = [one.key for one in cockpit.figures(APRIL, NOW, [missing.pk])]
    marco, sent = client_for(cast.marco), {"period": "2024-04", "owner": "all", "figure": keys[:2]}
    assert marco.post("month/remind/", sent).status_code == 302
    with scope_of(cast.aldermoor):
        event = Event.objects.get(kind="reminder")
        assert (
            event.title == "Marco Bellini reminds you of 2 figures for April 2024"
            and "Calls 0, Calls 1" in event.detail
        )
        assert [one.member_id for one in Notification.objects.filter(event=event)] == [cast.vera.pk]
    html = tight(marco.get("month/?period=2024-04&owner=all").content.decode())
    assert "by Marco Bellini" in html and "Vera Novak" in html
    again = tight(marco.post("month/remind/", {**sent, "all": "1"}, follow=True).content.decode())
    assert "1 had been reminded today already; figures are reminded of once a day." in again
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(kind="reminder").count() == 1


def test_a_later_due_day_is_given_to_one_contract_or_to_a_selection(cast, scope_of, client_for, missing, clock):
    """All of them or none; the vendor is told, and a request of its own is answered first."""
    clock(NOW)
    marco = client_for(cast.marco)
    with scope_of(cast.aldermoor):
        other = contracts.contract(cast.halden, reference="OTHER")
        contracts.periods(other, count=1)
        slas.terms(slas.service_level(other))
        keys = [one.key for one in cockpit.figures(APRIL, NOW, [missing.pk, other.pk])]

    def due():
        with scope_of(cast.aldermoor):
            of_april = Period.objects.filter(month=APRIL, contract__in=[missing, other]).order_by("contract_id")
            return list(of_april.values_list("due_on", flat=True))

    before = due()
    listed = marco.get("month/?period=2024-04&owner=all").content.decode()
    assert listed.count("month/later/chosen/") == 3  # for those ticked, and for each of the contracts
    assert marco.post("month/later/chosen/", {"period": "2024-04"})["Location"].endswith("/month/?period=2024-04")
    picked = marco.post("month/later/chosen/", {"period": "2024-04", "figure": keys[:1], "owner": "all"})["Location"]
    assert picked.endswith(f"/month/later/?period=2024-04&of={missing.pk}")
    everything = marco.post("month/later/chosen/", {"period": "2024-04", "owner": "all", "matching": "1"})["Location"]
    path = f"month/later/{everything.partition('month/later/')[2]}"
    assert path.endswith(f"&of={missing.pk}.{other.pk}")
    page = tight(marco.get(path).content.decode())
    assert "MISSING" in page and "OTHER" in page
    for wrong in ({"until": "2024-06-28"}, {"until": f"{before[0]}", "reason": "The audit."}):
        assert marco.post(path, wrong).status_code == 422 and due() == before
    assert client_for(cast.petra).get(path).status_code == 403
    given = {"until": "2024-06-28", "reason": "The audit."}
    assert marco.post(path, given).status_code == 302
    assert {f"{day}" for day in due()} == {"2024-06-28"}
    with scope_of(cast.aldermoor):
        assert [one.is_unasked for one in Extension.objects.all()] == [True, True]
        alert_due(now=NOW)
        told = Event.objects.get(vendor_id=cast.corvid.pk, kind="hearing")
        assert told.title == "More time granted: April 2024 figures" and "The audit." in told.detail
    shown = tight(client_for(cast.vera).get(told.path).content.decode())
    assert "Given" in shown and "Marco Bellini" in shown and "Asked for" not in shown
    ask = {"until": "2024-07-10", "reason": "Again."}
    assert client_for(cast.vera).post(f"contracts/{missing.pk}/extension/?period=2024-04", ask).status_code == 302
    page = tight(marco.get(path).content.decode())
    assert "asks for more time." in page
    with scope_of(cast.marco), pytest.raises(Conflict, match="MISSING: the vendor asks for more time"):
        day = date(2024, 7, 1)
        give_extensions(by=cast.marco, contracts=[missing, other], month=APRIL, until=day, reason="x", now=NOW)
    with scope_of(cast.vera), pytest.raises(NotAllowed):
        give_extensions(by=cast.vera, contracts=[missing], month=APRIL, until=day, reason="x", now=NOW)


def test_who_may_remind_and_of_what(cast, scope_of, judged, missing):  # noqa: F811
    found = judged(cast.corvid)
    with scope_of(cast.petra), pytest.raises(NotAllowed):
        remind(by=cast.petra, month=APRIL, chosen=None, contracts=[missing.pk])
    with scope_of(cast.marco), pytest.raises(RuleBroken, match="waits for a vendor"):
        remind(by=cast.marco, month=APRIL, chosen=None, contracts=[found.contract.pk])
    with scope_of(cast.aldermoor):
        assert not Event.objects.filter(kind="reminder").exists()


def test_the_page_asks_as_many_statements_for_many_figures_as_for_few(cast, scope_of, client_for, missing):
    client = client_for(cast.marco)
    client.get("month/?period=2024-04&owner=all")
    counts = []
    for nth in range(2):
        with CaptureQueriesContext(connection) as found:
            assert client.get("month/?period=2024-04&owner=all").status_code == 200
        counts.append(len(found))
        with scope_of(cast.aldermoor):
            more = contracts.contract(cast.halden, reference=f"MORE-{nth}")
            contracts.periods(more, count=1)
            for number in range(60):
                slas.terms(slas.service_level(more, code=f"N-{number}"))
    assert counts[0] == counts[1]
    page = client.get("month/?period=2024-04&owner=all")
    assert page.context["matching"] == 63 + 60 and len(page.content) < 60_000
    with scope_of(cast.aldermoor):
        whole = [one.key for one in cockpit.figures(APRIL, NOW, None)]
    pages = [client.get(f"month/?period=2024-04&owner=all&page={number}") for number in (1, 2, 3)]
    shown = [row["figure"].key for page in pages for group in page.context["groups"] for row in group["rows"]]
    assert shown == whole and len(set(shown)) == 123


def test_select_all_of_the_page_and_all_that_match(cast, scope_of, client_for, missing, judged):  # noqa: F811
    judged(cast.halden)
    marco, address = client_for(cast.marco), "month/?period=2024-04&owner=all"
    plain, page, everything = (marco.get(f"{address}{more}") for more in ("", "&ticked=page", "&ticked=all"))
    ticks = [re.findall(r'<input\s+class="tickbox"[^>]*>', one.content.decode()) for one in (plain, page, everything)]
    assert [sum(" checked" in tick for tick in found) for found in ticks] == [0, 3, 3]
    assert (plain.context["on_page"], plain.context["remindable"]) == (3, 3)
    assert (
        'name="matching" value="1"' in everything.content.decode() and "Remind of all 3" in everything.content.decode()
    )
    # What the filter leaves, and nothing else: none of the judged ones waits for a vendor.
    nothing = {"period": "2024-04", "owner": "all", "matching": "1", "state": "judged"}
    assert "None of these figures" in marco.post("month/remind/", nothing, follow=True).content.decode()
    marco.post("month/remind/", {**nothing, "state": "late"})
    with scope_of(cast.aldermoor):
        assert Event.objects.get(kind="reminder").title.endswith("of 3 figures for April 2024")


def test_due_days_lead_to_their_figures(cast, client_for, missing):
    marco = client_for(cast.marco)
    page = marco.get("month/?period=2024-04&owner=all")
    (grid,), (listed,) = page.context["due_days"].months, page.context["due_days"].listed
    day = grid.days[listed["day"]]
    assert (listed["words"], listed["look"], day.words, day.is_late) == ("3 late", "late", ["3 late"], True)
    assert f"due={listed['day']}" in day.url
    assert marco.get(f"month/?period=2024-04&owner=all&due={listed['day']}").context["matching"] == 3
    assert marco.get("month/?period=2024-04&owner=all&due=2024-05-01").context["matching"] == 0
    assert marco.get("month/?period=2024-04&owner=all&due=soon").context["matching"] == 3


def test_the_month_as_a_file_has_the_filter_and_the_order(cast, scope_of, client_for, missing, judged):  # noqa: F811
    judged(cast.halden)
    with scope_of(cast.aldermoor):
        contracts.owner(missing, Membership.objects.get(pk=cast.vera.pk))
    marco = client_for(cast.marco)
    rows = list(
        csv.reader(io.StringIO(marco.get("month/?period=2024-04&owner=all&export=csv").content.decode("utf-8-sig")))
    )
    assert rows[0][:3] == ["Vendor", "Contract", "Service level"] and len(rows) == 5
    assert [row[5] for row in rows[1:]] == ["Late", "Late", "Late", "Judged"]
    assert {row[9] for row in rows[1:4]} == {"Vera Novak"}
    few = marco.get("month/?period=2024-04&owner=all&state=judged&export=csv&column=vendor&column=state")
    assert few.content.decode("utf-8-sig").splitlines() == ["Vendor,State", "Halden BPO,Judged"]
    assert marco.get("month/?period=2024-04&owner=all&export=xlsx").content[:2] == b"PK"
