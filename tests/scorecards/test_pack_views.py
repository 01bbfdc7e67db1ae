"""Review packs in the browser."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scorecards.actions import begin_pack
from scorecards.models import PackContract, PackEdition, PackFile, PackSection, ReviewPack
from scorecards.rules import FileKind, PackStatus, Section
from tests.dashboard_world import APRIL, Judged
from tests.factories import scorecards

HX = {"HX-Request": "true"}


@pytest.fixture
def pack(cast, scope_of, month):
    with scope_of(cast.marco):
        return begin_pack(by=cast.marco, contracts=[month.contract], first=APRIL, last=APRIL)


@pytest.fixture
def summary(cast, scope_of, pack):
    with scope_of(cast.aldermoor):
        return PackSection.objects.get(pack=pack, name=Section.SUMMARY)


def stored(cast, scope_of):
    with scope_of(cast.aldermoor):
        return list(PackSection.objects.order_by("position").values_list("name", "chosen", "commentary"))


def test_a_pack_is_begun_from_a_vendor(cast, client_for, scope_of, month):
    marco = client_for(cast.marco)
    assert "Corvid Systems" in marco.get("review-packs/new/").content.decode()
    asked = f"review-packs/new/?vendor={cast.corvid.pk}"
    wrong = marco.post(asked, {"contracts": [month.contract.pk], "first": "2024-04", "last": "April", "meeting_on": ""})
    assert wrong.status_code == 422
    assert "Write a month such as 2026-10." in wrong.content.decode() and "April" in wrong.content.decode()
    given = {"contracts": [month.contract.pk], "first": "2024-04", "last": "2024-04", "meeting_on": "2024-06-20"}
    answer = marco.post(asked, given)
    with scope_of(cast.aldermoor):
        made = ReviewPack.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/review-packs/{made.pk}/")
    assert "meeting on 20 Jun 2024" in " ".join(marco.get(f"review-packs/{made.pk}/").content.decode().split())


def test_a_section_is_saved_as_it_is_left(cast, client_for, scope_of, pack, summary):
    marco = client_for(cast.marco)
    given = {"commentary": "Nights.", "chosen": "on", "version": summary.version}
    answer = marco.post(f"pack-sections/{summary.pk}/", given, headers=HX)
    assert answer.status_code == 200
    assert "Saved" in answer.content.decode() and "<html" not in answer.content.decode()
    again = marco.post(f"pack-sections/{summary.pk}/", {**given, "commentary": "Other"}, headers=HX)
    assert again.status_code == 409
    assert "Nights." in again.content.decode() and "Other" in again.content.decode()
    assert stored(cast, scope_of)[0] == ("summary", True, "Nights.")
    long = marco.post(f"pack-sections/{summary.pk}/", {**given, "commentary": "x" * 4001, "version": 2})
    assert long.status_code == 422 and "x" * 4001 in long.content.decode()


def test_sentences_are_offered_of_stored_facts_and_taken_over(cast, client_for, scope_of, month, pack, summary):
    marco = client_for(cast.marco)
    page = marco.get(f"review-packs/{pack.pk}/?suggest=summary").content.decode()
    said = "The credit of April 2024 is £500.00."
    assert said in page and f"contracts/{month.contract.pk}/ledger/" in page
    marco.post(f"pack-sections/{summary.pk}/", {"commentary": "First.", "chosen": "on", "version": 1, "use": said})
    assert stored(cast, scope_of)[0][2] == f"First.\n{said}"


def test_a_section_moves_and_keeps_what_was_typed(cast, client_for, scope_of, summary):
    given = {"commentary": "Kept", "chosen": "on", "version": 1, "down": "1"}
    client_for(cast.marco).post(f"pack-sections/{summary.pk}/", given)
    assert stored(cast, scope_of)[:2] == [("scorecard", True, ""), ("summary", True, "Kept")]


def test_the_page_says_how_far_the_version_is(cast, client_for, scope_of, pack):
    marco = client_for(cast.marco)
    marco.post(f"review-packs/{pack.pk}/make/")
    part = marco.get(f"review-packs/{pack.pk}/making/", headers=HX)
    assert "0 of 4 steps" in part.content.decode() and "HX-Refresh" not in part
    with scope_of(cast.aldermoor):
        PackEdition.objects.update(status=PackStatus.FAILED, failed_because="Something went wrong.")
    assert marco.get(f"review-packs/{pack.pk}/making/", headers=HX)["HX-Refresh"] == "true"
    assert "Something went wrong." in marco.get(f"review-packs/{pack.pk}/").content.decode()


def test_files_are_handed_out_as_they_were_made(cast, client_for, scope_of, month):
    with scope_of(cast.aldermoor):
        made = scorecards.review_pack(month.periods[0], cast.marco).editions.get()
    marco = client_for(cast.marco)
    answer = marco.get(f"pack-editions/{made.pk}/pdf/")
    assert (answer.content, answer["Content-Type"]) == (b"pdf", "application/pdf")
    assert 'filename="CORVID-2024-04-v1.pdf"' in answer["Content-Disposition"]
    image = marco.get(f"pack-editions/{made.pk}/pages/1/")
    assert (image.content, image["Content-Type"]) == (b"page-1", "image/png")
    assert marco.get(f"pack-editions/{made.pk}/pages/5/").status_code == 404
    for path in ("", "pdf/", "excel/", "pages/1/", "cancel/", "publish/"):
        assert client_for(cast.vera).get(f"pack-editions/{made.pk}/{path}").status_code in (403, 404), path
    with scope_of(cast.aldermoor):
        assert PackFile.objects.count() == len(FileKind)
        PackEdition.objects.update(status=PackStatus.PUBLISHED, published_by_name="Marco", published_at=made.asked_at)
    page = marco.get(f"review-packs/{made.pack_id}/").content.decode()
    assert "Published versions" in page and "Version 1" in page


def test_sentences_cost_the_same_for_one_contract_and_two(cast, client_for, scope_of, month, pack):
    marco, counts = client_for(cast.marco), []
    for more in (False, True):
        if more:
            with scope_of(cast.aldermoor):
                other = Judged(cast, cast.corvid)
                PackContract.objects.create(pack=pack, contract=other.contract)
        with CaptureQueriesContext(connection) as asked:
            page = marco.get(f"review-packs/{pack.pk}/?suggest=summary").content.decode()
        assert page.count("The credit of April 2024 is") == (6 if more else 3)  # link, value and name of the button
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_same_number_of_statements_for_one_pack_and_two(cast, client_for, scope_of, month):
    marco = client_for(cast.marco)
    counts = []
    for _ in range(2):
        with scope_of(cast.aldermoor):
            scorecards.review_pack(month.periods[0], cast.marco)
        with CaptureQueriesContext(connection) as asked:
            marco.get("review-packs/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
