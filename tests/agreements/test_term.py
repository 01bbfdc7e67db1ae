"""The end of a contract and its renewal: proposed by one, agreed by both sides, and what it leaves behind. It is the 10th of June 2024."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agreements.actions import (
    approve,
    consent,
    end_early,
    put_in_force,
    renew,
    save_draft,
    set_new_day,
    start_revision,
    submit,
    tell,
    withdraw,
)
from agreements.actions.endings import ENDINGS_ARE_DUE, tell_endings
from agreements.actions.term import with_last_day
from agreements.closing import what_it_closes
from agreements.models import Revision, RevisionDraft, RevisionStep
from agreements.pages.term import ending_of
from agreements.rules import Status
from contracts import contract_file
from contracts.models import Contract, Period
from disputes.models import ReliefRequest
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Event
from slas.actions import export_contract
from slas.models import Terms
from tests.agreements.revised import JUNE, WHY, file_with

END = date(2024, 9, 15)
NEW = date(2027, 3, 31)


def agree(cast, acting, revision):
    """Submitted by Petra, approved by Marco, consented to by Vera."""
    edition = revision.edition + 1
    acting(cast.petra, submit, revision=revision, version=_version(acting, cast, revision))
    acting(cast.marco, approve, revision=revision, edition=edition)
    acting(cast.vera, consent, revision=revision, edition=edition)


def _version(acting, cast, revision):
    with acting.scope_of(cast.petra):
        return RevisionDraft.objects.get(revisions=revision).version


def tick(cast, scope_of, now=JUNE + timedelta(minutes=1)):
    with scope_of(cast.aldermoor):
        return put_in_force(now=now)


@pytest.fixture
def ending(cast, live, acting):
    return acting(cast.petra, end_early, contract=live, last=END, reason="The service moves in house.")


def test_an_early_end_changes_nothing_until_both_sides_have_agreed(cast, scope_of, live, acting, ending):
    with scope_of(cast.aldermoor):
        before = Contract.objects.values().get(), list(Period.objects.order_by("pk").values())
    acting(cast.petra, submit, revision=ending, version=2)
    with pytest.raises(NotAllowed):
        acting(cast.petra, approve, revision=ending, edition=1)
    acting(cast.marco, approve, revision=ending, edition=1)
    assert tick(cast, scope_of) == 0
    with scope_of(cast.aldermoor):
        assert (Contract.objects.values().get(), list(Period.objects.order_by("pk").values())) == before
    acting(cast.vera, consent, revision=ending, edition=1)
    assert tick(cast, scope_of) == 1 and tick(cast, scope_of) == 0
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().ends_on == END
        assert max(Period.objects.values_list("ends_on", flat=True)) == END
        assert Revision.objects.get().status == Status.IN_FORCE


@pytest.mark.parametrize("last", [date(2024, 6, 9), date(2026, 3, 31), date(2026, 4, 1)])
def test_a_contract_ends_neither_in_the_past_nor_no_earlier(cast, scope_of, live, acting, last):
    with pytest.raises(RuleBroken) as refused:
        acting(cast.petra, end_early, contract=live, last=last, reason=WHY)
    assert refused.value.code == "last"
    for member in (cast.marco, cast.vera):
        with pytest.raises(NotAllowed):
            acting(member, end_early, contract=live, last=END, reason=WHY)
    with scope_of(cast.aldermoor):
        assert not Revision.objects.exists()


def test_a_renewal_is_in_force_as_soon_as_it_is_agreed(cast, scope_of, live, acting):
    with pytest.raises(RuleBroken):
        acting(cast.petra, renew, contract=live, last=date(2026, 3, 31), reason=WHY)
    made = acting(cast.petra, renew, contract=live, last=NEW, reason=WHY)
    agree(cast, acting, made)
    assert tick(cast, scope_of) == 1
    with scope_of(cast.aldermoor):
        live.refresh_from_db()
        assert (live.ends_on, Period.objects.filter(cycle="month").count()) == (NEW, 36)


def test_what_was_to_begin_after_the_end_is_left_behind_and_what_begins_before_stays_agreed(
    cast, scope_of, live, acting
):
    """Two agreed revisions, one from August and one from October; the contract ends in September."""
    made = []
    for day in ("2024-08-01", "2024-10-01"):
        with scope_of(cast.petra):
            document = file_with(live, day)
        one = acting(cast.petra, start_revision, contract=live, title=day, document=document, beside=True)
        acting(cast.petra, save_draft, revision=one, version=1, reason=WHY)
        agree(cast, acting, one)
        made.append(one)
    end = acting(cast.petra, end_early, contract=live, last=END, reason=WHY, beside=True)
    with scope_of(cast.petra):
        groups = {group.title: group for group in what_it_closes(live, END, JUNE, but=end.pk)}
        assert [line.stands.rpartition(": ")[2] for line in groups["Open revisions"].lines] == [
            "stays agreed",
            "begins after the end, so it lapses",
        ]
    agree(cast, acting, end)
    assert tick(cast, scope_of) == 1
    with scope_of(cast.aldermoor):
        assert [one.status for one in Revision.objects.order_by("number")] == ["consented", "superseded", "in_force"]
        assert "ends on 15 Sep 2024" in RevisionStep.objects.get(kind="superseded").text
    assert tick(cast, scope_of, datetime(2024, 8, 1, 3, tzinfo=UTC)) == 1
    with scope_of(cast.aldermoor):
        assert Revision.objects.get(number=1).status == Status.IN_FORCE
        assert Terms.objects.filter(valid__startswith=date(2024, 8, 1)).exists()
        assert Contract.objects.get().ends_on == END


def test_on_the_end_and_more_a_revision_is_not_put_unless_it_says_the_same(cast, scope_of, sent, live, acting):
    """A service level got other terms, too: what was agreed about the contract before is not written over that."""
    acting(cast.vera, consent, revision=sent, edition=1)
    with scope_of(cast.petra):
        document = with_last_day(export_contract(by=None, contract=live), END)
        document["contract"]["title"] = "Another title"

    other = acting(
        cast.petra, start_revision, contract=live, title="End", document=contract_file.write(document), beside=True
    )
    acting(cast.petra, save_draft, revision=other, version=1, reason=WHY)
    agree(cast, acting, other)
    assert tick(cast, scope_of) == 1
    assert tick(cast, scope_of, datetime(2024, 7, 1, 3, tzinfo=UTC)) == 1
    with scope_of(cast.aldermoor):
        assert Revision.objects.get(number=1).status == Status.SUPERSEDED


def test_an_end_whose_day_came_gets_a_later_one_with_what_begins_by_then(cast, scope_of, live, acting, clock, ending):
    acting(cast.petra, submit, revision=ending, version=2)
    clock(datetime(2024, 9, 16, 9, tzinfo=UTC))
    with pytest.raises(Conflict) as refused:
        acting(cast.marco, approve, revision=ending, edition=1)
    assert refused.value.code == "day_passed"
    assert tick(cast, scope_of, datetime(2024, 9, 16, 10, tzinfo=UTC)) == 1
    acting(cast.petra, set_new_day, revision=ending, day=date(2024, 12, 1))
    with scope_of(cast.petra):
        draft = RevisionDraft.objects.get()
        assert draft.effective_on == date(2024, 12, 1) and "ends_on: 2024-11-30" in draft.document


def test_a_longer_term_begins_the_day_after_the_last_one_or_not_at_all(cast, scope_of, live, acting, clock):
    made = acting(cast.petra, renew, contract=live, last=NEW, reason=WHY)
    clock(datetime(2026, 4, 2, 9, tzinfo=UTC))
    with pytest.raises(RuleBroken, match="Date it back, or withdraw it") as refused:
        acting(cast.petra, set_new_day, revision=made, day=date(2026, 5, 1))
    assert refused.value.code == "day"
    with scope_of(cast.petra):
        draft = RevisionDraft.objects.get()
        assert (draft.version, draft.effective_on) == (2, date(2026, 4, 1))


def test_of_two_ends_that_were_agreed_the_second_does_not_move_the_first(cast, scope_of, live, acting, ending):
    later = date(2024, 10, 31)
    other = acting(cast.petra, end_early, contract=live, last=later, reason="The lease runs longer.", beside=True)
    for one in (ending, other):
        agree(cast, acting, one)
    assert tick(cast, scope_of) == 2
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().ends_on == END
        assert [one.status for one in Revision.objects.order_by("number")] == ["in_force", "superseded"]
        tell(now=JUNE + timedelta(minutes=2))
        assert Event.objects.filter(title="The contract’s last day is 15 Sep 2024").count() == 1


def test_whose_day_comes_with_the_end_that_leaves_it_behind_lapses_once(cast, scope_of, live, acting, ending):
    with scope_of(cast.petra):
        document = file_with(live, "2024-10-01")
    other = acting(cast.petra, start_revision, contract=live, title="Stricter", document=document, beside=True)
    acting(cast.petra, save_draft, revision=other, version=1, reason=WHY)
    acting(cast.petra, submit, revision=other, version=2)
    agree(cast, acting, ending)
    assert tick(cast, scope_of, datetime(2024, 10, 1, 3, tzinfo=UTC)) == 2  # nothing worked since June
    with scope_of(cast.aldermoor):
        assert [one.status for one in Revision.objects.order_by("number")] == ["in_force", "lapsed"]
        assert "ends on 15 Sep 2024" in RevisionStep.objects.get(kind="lapsed").text


def test_it_lists_what_is_open_and_what_becomes_of_it(cast, scope_of, live, acting, ending):
    with scope_of(cast.petra):
        groups = {group.title: group for group in what_it_closes(live, END, JUNE, but=ending.pk)}
    assert "September 2024" in [line.what for line in groups["Figures still to report"].lines]
    assert "June 2025" not in [line.what for line in groups["Figures still to report"].lines]
    assert [line.what for line in groups["Periods that are cut"].lines] == ["Q3 2024", "September 2024"]
    assert groups["Later periods"].lines[0].what == "1 Oct 2024 to 31 Mar 2026"
    assert "Open revisions" not in groups
    with scope_of(cast.vera):  # the vendor reads what it may see
        assert "Later periods" in {group.title for group in what_it_closes(live, END, JUNE)}
        assert not ReliefRequest.objects.exists()


def test_a_contract_says_that_it_ends_and_what_is_being_agreed(cast, scope_of, live, acting):
    with scope_of(cast.petra):
        assert ending_of(live, date(2024, 6, 10)) is None
        soon = ending_of(live, date(2026, 2, 12))
        assert (soon.days, soon.words, soon.over, soon.revision) == (47, "in 47 days", False, None)
        assert ending_of(live, date(2026, 4, 1)).over
    made = acting(cast.petra, renew, contract=live, last=NEW, reason=WHY)
    acting(cast.petra, submit, revision=made, version=2)
    with scope_of(cast.petra):
        assert ending_of(live, date(2024, 6, 10)).new_end == NEW


def test_of_an_end_that_was_agreed_nobody_is_reminded(cast, scope_of, live, acting, ending):
    agree(cast, acting, ending)
    tick(cast, scope_of)
    with scope_of(cast.aldermoor):
        live.refresh_from_db()
        assert ending_of(live, date(2024, 8, 1)).agreed == ending
        assert tell_endings(now=datetime(2024, 8, 1, 12, tzinfo=UTC)) == 0


# In the browser -----------------------------------------------------------------------------------------------------


def test_the_pages_show_the_day_ask_for_the_reason_and_begin_a_draft(cast, live, client_for):
    client, url = client_for(cast.petra), f"/o/{cast.aldermoor.slug}/contracts/{live.pk}/"
    page = client.get(url).content.decode()
    assert "Renew…" in page and "End early…" in page
    page = client.get(f"{url}end/?last=2024-09-15").content.decode()
    assert "What an end on 15 Sep 2024 closes" in page and "Later periods" in page
    for given in (
        {"last": "2024-09-15", "reason": ""},
        {"last": "2024-06-09", "reason": WHY},
        {"last": "x", "reason": WHY},
    ):
        answer = client.post(f"{url}end/", given)
        assert answer.status_code == 422 and (given["reason"] in answer.content.decode())
    assert client.post(f"{url}end/", {"last": "2024-09-15", "reason": WHY}).status_code == 302
    again = client.post(f"{url}renew/", {"last": "2027-03-31", "reason": WHY})
    assert again.status_code == 409 and "has a draft" in again.content.decode()
    assert client.post(f"{url}renew/", {"last": "2027-03-31", "reason": WHY, "beside": "on"}).status_code == 302
    assert client_for(cast.marco).get(f"{url}end/").status_code == 403
    assert client_for(cast.otto).get(f"/o/{cast.brightwater.slug}/contracts/{live.pk}/end/").status_code in (403, 404)


def test_both_sides_read_what_an_end_closes_before_they_agree(cast, acting, live, ending, client_for):
    acting(cast.petra, submit, revision=ending, version=2)
    base = f"/o/{cast.aldermoor.slug}/revisions/{ending.pk}/"
    page = client_for(cast.marco).get(f"{base}approval/").content.decode()
    assert "The contract ends on 15 Sep 2024" in page and "Later periods" in page
    acting(cast.marco, approve, revision=ending, edition=1)
    page = client_for(cast.vera).get(f"{base}consent/").content.decode()
    assert "The contract ends on 15 Sep 2024" in page and "Later periods" in page


# In time -------------------------------------------------------------------------------------------------------------


def test_whoever_is_in_charge_is_told_once_that_it_ends_and_not_while_a_renewal_is_agreed(
    cast, scope_of, live, acting, client_for, clock
):
    with scope_of(cast.aldermoor):
        assert tell_endings(now=datetime(2025, 12, 28, 12, tzinfo=UTC)) == 0
        assert ENDINGS_ARE_DUE
    early = datetime(2025, 12, 29, 12, tzinfo=UTC)
    made = acting(cast.petra, renew, contract=live, last=NEW, reason=WHY)
    acting(cast.petra, submit, revision=made, version=2)
    with scope_of(cast.aldermoor):
        assert tell_endings(now=early) == 0
    acting(cast.petra, withdraw, revision=made, reason="Another time.")
    with scope_of(cast.aldermoor):
        assert tell_endings(now=early) == 1 and tell_endings(now=early) == 0
        assert Event.objects.filter(title="Contract ends on 31 Mar 2026, in 92 days", vendor=None).exists()
    clock(early)
    for page in ("contracts/", "portfolio/", f"contracts/{live.pk}/"):
        assert "31 Mar 2026" in client_for(cast.marco).get(f"/o/{cast.aldermoor.slug}/{page}").content.decode()
    assert "Ends on 31 Mar 2026" in client_for(cast.vera).get(f"/o/{cast.aldermoor.slug}/figures/").content.decode()


def test_of_what_fits_no_file_any_more_no_draft_is_begun(cast, scope_of, live, client_for):
    with scope_of(cast.aldermoor):
        Contract.objects.filter(pk=live.pk).update(document={})
    for page, last in (("end", "2024-09-15"), ("renew", "2027-03-31")):
        petra, path = client_for(cast.petra), f"contracts/{live.pk}/{page}/"
        assert petra.get(path).status_code == 200
        answer = petra.post(path, {"last": last, "reason": WHY})
        assert answer.status_code == 422 and "No draft was begun" in answer.content.decode()
    with scope_of(cast.aldermoor):
        assert not Revision.objects.exists()
