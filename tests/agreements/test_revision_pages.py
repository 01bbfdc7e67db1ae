"""The pages of a revision: what each side sees and does there, and what a refusal leaves as it was."""

from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.actions import consent, put_in_force, reopen, save_draft, send_back, start_revision, tell, withdraw
from agreements.models import Revision, RevisionDraft, RevisionEdition
from agreements.pages.revision import marked
from agreements.rules import Status
from config.tasks import tell_of_revisions, work
from contracts.models import Contract
from notifications.models import Event, Notification
from slas.models import Terms
from tests import budgets
from tests.agreements.revised import JUNE, WHY, file_with
from tests.factories import agreements, contracts

JULY = datetime(2024, 7, 1, 9, tzinfo=UTC)


def state(scope_of, cast):
    with scope_of(cast.aldermoor):
        return Revision.objects.get().status


def page(revision, name=""):
    return f"revisions/{revision.pk}/{name}"


def test_a_revision_is_begun_written_and_submitted_by_its_pages(cast, scope_of, live, client_for):
    petra = client_for(cast.petra)
    assert petra.post(f"contracts/{live.pk}/revise/", {"title": ""}).status_code == 422
    assert petra.post(f"contracts/{live.pk}/revise/", {"title": "Higher target"}).status_code == 302
    with scope_of(cast.petra):
        revision, document = Revision.objects.get(), file_with(live)
    assert "Petra Sandgren has a draft" in petra.get(f"contracts/{live.pk}/revise/").text
    assert petra.post(f"contracts/{live.pk}/revise/", {"title": "Other"}).status_code == 409
    assert "Nothing yet" in petra.get(page(revision)).text
    saved = petra.post(page(revision), {"source": document, "version": "1"})
    assert saved.status_code == 302
    shown = petra.get(page(revision)).text
    assert "<del>at least 95%</del>" in shown and "<ins>at least 97%</ins>" in shown and "1 Jul 2024" in shown
    stale = petra.post(page(revision), {"source": "mine", "version": "1"})
    assert stale.status_code == 409 and "mine</textarea>" in stale.text and "at least 97%" in stale.text
    given = {"version": "2", "title": "Higher target", "reason": WHY}
    assert petra.post(page(revision, "reason/"), {**given, "reason": "", "submit": "1"}).status_code == 422
    assert petra.post(page(revision, "reason/"), given).status_code == 302
    assert petra.post(page(revision, "reason/"), {**given, "version": "3", "submit": "1"}).status_code == 302
    assert state(scope_of, cast) == Status.SUBMITTED
    assert petra.get(page(revision)).status_code == petra.get(page(revision, "reason/")).status_code == 200


def test_a_draft_that_is_no_file_says_what_is_wrong(cast, scope_of, draft, client_for):
    answer = client_for(cast.petra).post(page(draft), {"source": "contract: [", "version": "2"})
    assert answer.status_code == 302
    shown = client_for(cast.petra).get(page(draft)).text
    assert "to correct before it can be submitted" in shown and "contract: [</textarea>" in shown


def test_a_file_that_is_no_text_is_refused_as_it_is_where_contracts_are_imported(cast, scope_of, draft, client_for):
    before = draft.draft.document
    for content, said in (("Größe: 1".encode("latin-1"), "not UTF-8"), (b"PK\x03\x04" + bytes(30), "YAML or JSON")):
        given = {"file": SimpleUploadedFile("contract.yaml", content), "version": "2"}
        answer = client_for(cast.petra).post(page(draft), given)
        assert answer.status_code == 422 and said in answer.text
    with scope_of(cast.petra):
        assert RevisionDraft.objects.get().document == before


def test_the_queue_keeps_ones_own_apart(cast, submitted, client_for):
    marco, petra = client_for(cast.marco).get("approvals/"), client_for(cast.petra).get("approvals/")
    assert [one.revision for one in marco.context["others"]] == [submitted] and not marco.context["mine"]
    assert [one.revision for one in petra.context["mine"]] == [submitted] and not petra.context["others"]
    assert client_for(cast.vera).get("approvals/").status_code == 403


def test_approving_shows_what_was_submitted_and_takes_no_other_edition(cast, scope_of, acting, submitted, client_for):
    marco = client_for(cast.marco)
    shown = marco.get(page(submitted, "approval/")).text
    assert WHY in shown and "<ins>at least 97%</ins>" in shown and "0 of 1 approval so far" in shown
    own = client_for(cast.petra).get(page(submitted, "approval/")).text
    assert "You wrote this" in own and 'name="decision"' not in own
    decide = page(submitted, "approval/decide/")
    assert marco.post(decide, {"decision": "send_back", "edition": "1"}).status_code == 422
    assert client_for(cast.petra).post(decide, {"decision": "approve", "edition": "1"}).status_code == 403
    acting(cast.marco, send_back, revision=submitted, edition=1, reason="No.")
    acting_again = {"decision": "approve", "edition": "1"}
    assert marco.post(decide, acting_again).status_code == 409
    assert state(scope_of, cast) == Status.DRAFT


def test_the_vendor_reads_answers_and_proposes_other_terms(cast, scope_of, sent, live, client_for):
    vera, ravi = client_for(cast.vera), client_for(cast.ravi)
    assert vera.get(page(sent)).status_code == 302
    shown = vera.get(page(sent, "consent/")).text
    assert WHY in shown and "<ins>at least 97%</ins>" in shown and "In force on 1 Jul 2024" in shown
    assert "A manager of yours answers" in ravi.get(page(sent, "consent/")).text
    assert ravi.post(page(sent, "consent/"), {"answer": "accept", "edition": "1"}).status_code == 403
    assert vera.post(page(sent, "consent/"), {"answer": "decline", "edition": "1"}).status_code == 422
    with scope_of(cast.aldermoor):
        other = file_with(live, target=96)
    given = {"answer": "counter", "edition": "1", "reason": "97 is too much.", "source": other}
    assert vera.post(page(sent, "consent/"), {**given, "source": "x: ["}).status_code == 422
    assert vera.post(page(sent, "consent/"), given).status_code == 302
    assert vera.post(page(sent, "consent/"), {"answer": "accept", "edition": "1"}).status_code == 409
    petra = client_for(cast.petra)
    assert "Take the vendor’s terms into the draft" in petra.get(page(sent, "consent/")).text
    marks = petra.get(page(sent, "redline/") + "?a=1&b=2").text
    assert "<del>97%</del>" in marks and "<ins>96%</ins>" in marks
    assert vera.get(page(sent, "redline/")).status_code == 200
    assert petra.post(page(sent, "act/"), {"do": "take"}).status_code == 302
    with scope_of(cast.aldermoor):
        assert "at: 96" in RevisionDraft.objects.get().document
        assert RevisionEdition.objects.count() == 2


def test_the_client_s_pages_lead_the_vendor_to_what_it_is_asked(cast, sent, client_for):
    for name in ("", "reason/", "approval/"):
        answer = client_for(cast.vera).get(page(sent, name))
        assert answer.status_code == 302 and answer.url.endswith(page(sent, "consent/"))
    assert client_for(cast.vera).post(page(sent, "reason/"), {"title": "x", "version": "2"}).status_code == 302


def test_withdrawing_says_why(cast, scope_of, sent, client_for):
    petra = client_for(cast.petra)
    assert petra.post(page(sent, "act/"), {"do": "withdraw", "reason": ""}).status_code == 422
    assert petra.post(page(sent, "act/"), {"do": "withdraw", "reason": "Not now."}).status_code == 302
    assert state(scope_of, cast) == Status.WITHDRAWN
    assert "“Not now.”" in client_for(cast.vera).get(page(sent, "consent/")).text


def test_comments_stay_with_the_client(cast, sent, client_for):
    assert client_for(cast.marco).post(page(sent, "approval/comment/"), {"text": "Too much?"}).status_code == 302
    assert "Too much?" in client_for(cast.petra).get(page(sent, "approval/")).text
    assert "Too much?" not in client_for(cast.vera).get(page(sent, "consent/")).text


def test_a_file_for_a_live_contract_becomes_a_draft_once(cast, scope_of, live, client_for):
    petra = client_for(cast.petra)
    with scope_of(cast.petra):
        document = file_with(live)
    looked = petra.post("contracts/import/", {"source": document})
    assert "Draft a revision" in looked.text
    for _ in range(2):
        answer = petra.post("contracts/import/save/", looked.context["save"].initial)
        assert "/revisions/" in answer.url
    with scope_of(cast.petra):
        assert Revision.objects.count() == 1
        assert Contract.objects.get(pk=live.pk).version == live.version


def test_the_list_shows_each_side_what_is_theirs_in_as_many_statements_for_three_as_for_one(
    cast, scope_of, sent, live, acting, client_for
):
    marco = client_for(cast.marco)
    marco.get("revisions/")
    with CaptureQueriesContext(connection) as one:
        marco.get("revisions/")
    for _ in range(2):
        acting(cast.petra, start_revision, contract=live, title="Other", beside=True)
    with CaptureQueriesContext(connection) as three:
        shown = marco.get("revisions/")
    assert len(shown.context["rows"]) == 3 and len(one) == len(three) <= budgets.STATEMENTS
    theirs = client_for(cast.vera).get("revisions/")
    assert [row.title for row in theirs.context["rows"]] == ["Higher target"]
    assert not client_for(cast.hana).get("revisions/").context["rows"]
    filtered = marco.get("revisions/?step=draft")
    assert len(filtered.context["rows"]) == 2
    assert "None at this step" in marco.get("revisions/?step=in_force").text


def test_whoever_has_the_next_word_is_told_once(cast, scope_of, sent, acting):
    with scope_of(cast.aldermoor):
        assert tell(now=JUNE) == 2 and tell(now=JUNE) == 0
        told = {event.title: set(event.notifications.values_list("member", flat=True)) for event in Event.objects.all()}
    assert told["Revision to approve"] == {cast.marco.pk}
    assert told["New terms are proposed to you"] >= {cast.vera.pk}
    acting(cast.vera, consent, revision=sent, edition=1)
    with scope_of(cast.aldermoor):
        assert tell(now=JUNE) == 1
        put_in_force(now=JULY)
        assert tell(now=JULY) == 1
        assert Notification.objects.filter(event__title="The vendor consented", member=cast.petra).exists()


def test_the_workers_tell(cast, scope_of, sent, clock):
    clock(JUNE)
    work(cast.aldermoor.pk)
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(title="New terms are proposed to you", notifications__member=cast.vera).exists()
    assert tell_of_revisions(cast.aldermoor.pk) == 0


def test_the_vendor_is_not_told_what_the_draft_is_called_by_now(cast, scope_of, sent, acting):
    acting(cast.petra, reopen, revision=sent)
    acting(cast.petra, save_draft, revision=sent, version=2, title="Before we terminate")
    acting(cast.petra, withdraw, revision=sent, reason="Not now.")
    with scope_of(cast.aldermoor):
        assert tell(now=JUNE) == 4
        told = Event.objects.get(title="Revision withdrawn")
        assert told.notifications.filter(member=cast.vera).exists()
    assert "Higher target" in told.detail and "terminate" not in told.detail


def test_words_are_marked_one_by_one():
    runs = marked("at least 95%", "at least 96%")
    assert [(run.mark, run.text) for run in runs] == [("", "at least "), ("del", "95%"), ("ins", "96%")]


def test_a_draft_without_a_reader_s_edition_is_not_shown_to_vendors(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        made = agreements.revision(contracts.contract(cast.corvid), cast.petra)
    for member in (cast.vera, cast.otto):
        for name in ("", "consent/", "redline/", "approval/", "reason/"):
            assert client_for(member).get(page(made, name)).status_code in (302, 403, 404)
            assert "Higher targets" not in client_for(member).get(page(made, name)).text


def test_what_fits_no_file_any_more_is_refused_with_what_is_wrong(cast, scope_of, live, client_for):
    """As terms that were put right by hand in the database, or by a release that no longer takes them."""
    with scope_of(cast.aldermoor):
        Terms.objects.filter(service_level__contract=live).update(document={})
    answer = client_for(cast.petra).post(f"contracts/{live.pk}/revise/", {"title": "Other bands"})
    assert answer.status_code == 422
    assert "The file was refused and nothing was changed. service_levels[0]" in answer.text
    with scope_of(cast.aldermoor):
        assert not Revision.objects.exists()
