"""Evidence on the page of a submission, and its way out."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from files.kinds import MAX_BYTES
from files.rules import FileState
from measurements.actions import accept, import_figures, return_, submit
from measurements.models import Evidence, Submission
from tests.cast import Cast
from tests.factories import measurements
from tests.markup import tight
from tests.measurements.reporting import csv

NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)
PDF = b"%PDF-1.7\nof April"
PART = {"HX-Request": "true", "HX-Target": "section#submission"}


@pytest.fixture(autouse=True)
def today(clock: Callable) -> None:
    clock(NOON)


def as_stored(submission):
    """As it is by now: a file that came over the pages has counted its version up."""
    submission.refresh_from_db()
    return submission


def upload(client: Any, to: Submission, name: str = "april.pdf", content: bytes = PDF, **more: Any) -> Any:
    headers = more.pop("headers", {})
    given = {"attachments": SimpleUploadedFile(name, content), **more}
    return client.post(f"submissions/{to.pk}/evidence/", given, headers=headers)


def kept(cast: Cast, scope_of: Callable) -> list[Evidence]:
    with scope_of(cast.aldermoor):
        return list(Evidence.objects.select_related("service_level"))


def section(answer: Any) -> str:
    """What stands in the section, without tags; its buttons and fields in brackets."""
    text = " ".join(answer.content.decode().split())
    found = re.search(r'<section class="card" id="evidence".*?</section>', text)
    assert found, "There is no section of evidence."
    words = re.sub(r"<button[^>]*>\s*(.*?)\s*</button>", r"[\1]", found[0])
    words = " ".join(re.sub(r"<[^>]+>", " ", words).replace("\xa0", " ").split())
    return words.replace("[ ", "[").replace(" ]", "]")


# The page ----------------------------------------------------------------------------------------------------------


def test_a_draft_without_evidence(cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission) -> None:
    page = section(client_for(cast.vera).get(f"submissions/{draft.pk}/"))
    assert "No evidence yet. Attach what shows where the figures come from" in page
    assert "PDF, PNG, JPEG, CSV, TXT, XLSX or DOCX, at most 25 MB; up to 20 files." in page
    assert "[Attach files]" in page
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    page = section(client_for(cast.petra).get(f"submissions/{draft.pk}/"))
    assert page == "Evidence No evidence yet. It is attached while the figures are a draft, or were returned."


def test_a_file_is_attached_and_shown(cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission) -> None:
    vera = client_for(cast.vera)
    with scope_of(cast.aldermoor):
        level = draft.contract.service_levels.get(code="SL-01")
    answer = upload(vera, draft, service_level=level.pk, description="All tickets")
    assert answer["Location"].endswith(f"/submissions/{draft.pk}/")
    (row,) = kept(cast, scope_of)
    assert (row.name, row.service_level, row.added_by_name) == ("april.pdf", level, "Vera Novak")
    page = section(vera.get(answer["Location"]))
    assert (
        f"1 file. Files that were submitted stay with their revision. april.pdf {len(PDF)} bytes {level.name}" in page
    )
    assert "All tickets · Vera Novak, Fri 10 May 2024, 12:00 UTC" in page
    assert f"SHA-256 {row.sha256} [Remove april.pdf]" in page
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    page = section(client_for(cast.olu).get(f"submissions/{draft.pk}/"))
    assert "april.pdf" in page
    assert "[" not in page


def test_a_file_too_large_for_memory_is_kept_whole(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission, settings: Any, tmp_path: Path
) -> None:
    """It comes as a temporary file, which the storage moves into its folder."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    content = PDF + b"page" * settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    assert upload(client_for(cast.vera), draft, content=content).status_code == 302
    (row,) = kept(cast, scope_of)
    assert (row.size, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (tmp_path / row.stored_name).read_bytes() == content


def test_htmx_gets_the_part_with_a_toast(cast: Cast, client_for: Callable, draft: Submission) -> None:
    answer = upload(client_for(cast.vera), draft, headers=PART)
    assert answer.status_code == 200
    assert "Evidence attached" in answer["HX-Trigger"]
    assert "<html" not in answer.content.decode()
    assert "april.pdf" in section(answer)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("april.pdf.exe", PDF, "april.pdf.exe is of a kind that is not taken."),
        ("april.png", PDF, "april.png does not hold what its ending says. Save it as PNG again."),
        ("april.csv", b"a,b\n\0", "Save it as CSV in UTF-8 again."),
        ("april.pdf", b"%PDF-" + b" " * MAX_BYTES, "25.0 MB are more than 25."),
        ("april.pdf", b"", "The file is empty."),
    ],
)
def test_what_is_not_taken_is_said_at_the_field(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission, name: str, content: bytes, said: str
) -> None:
    answer = upload(client_for(cast.vera), draft, name, content, description="Of April")
    assert answer.status_code == 422
    assert said in section(answer)
    assert 'value="Of April"' in answer.content.decode()
    assert kept(cast, scope_of) == []


def test_removed_while_it_is_a_draft(cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission) -> None:
    vera = client_for(cast.vera)
    upload(vera, draft)
    (row,) = kept(cast, scope_of)
    answer = vera.post(f"evidence/{row.pk}/remove/", headers=PART)
    assert "Evidence removed" in answer["HX-Trigger"]
    assert "No evidence yet." in section(answer)
    assert kept(cast, scope_of) == []


def test_once_handed_over_it_stays(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission, clock: Callable
) -> None:
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    upload(vera, draft)
    (row,) = kept(cast, scope_of)
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    assert "[" not in section(vera.get(path))
    for answer in (upload(vera, draft), vera.post(f"evidence/{row.pk}/remove/")):
        assert answer.status_code == 409
        assert "Somebody was faster: these figures are submitted by now." in answer.content.decode()
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=draft, reason="Attach the tickets")
    page = section(vera.get(path))
    assert "[Attach files]" in page
    assert "Remove" not in page
    answer = vera.post(f"evidence/{row.pk}/remove/")
    assert answer.status_code == 422
    assert "april.pdf was submitted with the figures and stays with them." in answer.content.decode()
    clock(NOON.replace(hour=14))
    upload(vera, draft, "tickets.pdf")
    assert "[Remove tickets.pdf]" in section(vera.get(path))
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
    page = section(client_for(cast.marco).get(path))
    assert "2 files." in page
    assert "[" not in page


def test_accepted_without_evidence(cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission) -> None:
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
    page = section(client_for(cast.vera).get(f"submissions/{draft.pk}/"))
    assert page == "Evidence No evidence was attached."


def test_a_file_that_was_evidence_before_is_asked_about(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission, agreed: Contract, clock: Callable
) -> None:
    clock(NOON.replace(month=6))
    vera = client_for(cast.vera)
    upload(vera, draft)
    with scope_of(cast.vera):
        (may,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-05-01,97,100"))
    upload(vera, may, "may.pdf")
    with scope_of(cast.vera):
        for one in (draft, may):
            submit(by=cast.vera, submission=as_stored(one))
    answer = client_for(cast.marco).get(f"submissions/{may.pk}/")
    assert "may.pdf is the same file as the evidence for April 2024. Is it the right one?" in section(answer)
    assert "1 question on these figures." in answer.content.decode()
    assert "question on these" not in client_for(cast.marco).get(f"submissions/{draft.pk}/").content.decode()


def test_the_question_is_answered_once_and_the_answer_is_kept(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    vera = client_for(cast.vera)
    with scope_of(cast.aldermoor):
        level = draft.contract.service_levels.get(code="SL-01")
    upload(vera, draft)
    upload(vera, draft, "again.pdf", service_level=level.pk)
    asked = section(vera.get(f"submissions/{draft.pk}/"))
    assert "again.pdf is the same file as the evidence for all figures. Is it the right one?" in asked
    assert "[Answer]" in asked
    newer = max(kept(cast, scope_of), key=lambda one: one.pk)
    path = f"evidence/{newer.pk}/answer/"
    assert vera.post(path, {"answer": " "}).status_code == 422
    for stranger, status in ((cast.hana, 404), (cast.petra, 403)):
        assert client_for(stranger).post(path, {"answer": "Yes"}).status_code == status
    assert vera.post(path, {"answer": "One export shows both."}).status_code == 302
    page = vera.get(f"submissions/{draft.pk}/")
    assert "“One export shows both.” Vera Novak" in section(page) and "[Answer]" not in section(page)
    assert "question on these" not in page.content.decode()
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    assert "“One export shows both.” Vera Novak" in section(client_for(cast.marco).get(f"submissions/{draft.pk}/"))
    assert vera.post(path, {"answer": "Changed"}).status_code == 409
    (stored,) = [one for one in kept(cast, scope_of) if one.pk == newer.pk]
    assert stored.answer == "One export shows both."


def test_a_file_takes_the_place_of_an_older_one_which_stays(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    vera = client_for(cast.vera)
    upload(vera, draft)
    (older,) = kept(cast, scope_of)
    assert upload(vera, draft, "better.pdf", PDF + b"2", replaces=older.pk).status_code == 302
    page = section(vera.get(f"submissions/{draft.pk}/"))
    assert "replaces april.pdf" in page and "replaced by a newer file" in page
    again = upload(vera, draft, "third.pdf", PDF + b"3", replaces=older.pk)
    assert again.status_code == 409
    assert len(kept(cast, scope_of)) == 2


def test_a_correction_s_file_takes_the_place_of_one_of_an_earlier_revision(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission, agreed: Contract
) -> None:
    """The client hears of it once the correction is handed over; what was replaced is not offered again, nor what is of another month."""
    vera, marco = client_for(cast.vera), client_for(cast.marco)
    upload(vera, draft)
    upload(vera, draft, "totals.pdf", PDF + b"0")
    totals, first = sorted(kept(cast, scope_of), key=lambda one: one.name, reverse=True)
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(draft))
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
    with scope_of(cast.vera):
        given = {"source": csv("SL-01,2024-04-01,96,100"), "reason": "Two were counted twice."}
        (correction,) = import_figures(by=cast.vera, contract=agreed, **given)
        (may,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-05-01,97,100"))
    offered = f'<option value="{first.pk}">april.pdf, revision 1'
    page = tight(vera.get(f"submissions/{correction.pk}/").content.decode())
    assert offered in page and "totals.pdf, revision 1" in page
    assert "totals.pdf" not in vera.get(f"submissions/{may.pk}/").content.decode()
    assert upload(vera, may, "may.pdf", PDF + b"5", replaces=first.pk).status_code == 422
    refused = upload(vera, correction, "better.exe", PDF, replaces=first.pk)
    assert refused.status_code == 422
    assert f'<option value="{first.pk}" selected>april.pdf, revision 1' in refused.content.decode()
    assert upload(vera, correction, "better.pdf", PDF + b"2", replaces=first.pk).status_code == 302
    page = vera.get(f"submissions/{correction.pk}/")
    assert "replaces april.pdf" in section(page)
    assert offered not in page.content.decode() and "totals.pdf, revision 1" in page.content.decode()
    before = f"submissions/{draft.pk}/"
    assert "replaced by a newer file" not in section(marco.get(before))
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=as_stored(correction))
    assert "replaced by a newer file" in section(marco.get(before))
    assert totals.name in section(marco.get(before))


def test_the_page_asks_as_much_for_five_files_as_for_one(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    vera = client_for(cast.vera)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert vera.get(f"submissions/{draft.pk}/").status_code == 200
        return len(asked)

    upload(vera, draft)
    statements()
    one = statements()
    for nth in range(4):
        upload(vera, draft, f"{nth}.pdf", PDF + b"%d" % nth)
    assert statements() == one


# Who, and the way out ----------------------------------------------------------------------------------------------


@pytest.fixture
def row(cast: Cast, scope_of: Callable, submitted: Submission) -> Evidence:
    with scope_of(cast.aldermoor):
        return measurements.evidence(submitted, b"a,b\n1,2\n", "Ausfälle \u201cApril\u201d.csv")


def test_who_may_not(cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission, row: Evidence) -> None:
    for who, attaching, seeing in ((cast.petra, 403, 200), (cast.olu, 403, 200), (cast.hana, 404, 404)):
        client = client_for(who)
        assert upload(client, draft).status_code == attaching
        assert client.post(f"evidence/{row.pk}/remove/").status_code == attaching
        assert client.get(f"evidence/{row.pk}/").status_code == seeing
    assert client_for(cast.otto).get(f"/o/brightwater/evidence/{row.pk}/").status_code == 404
    assert [one.pk for one in kept(cast, scope_of)] == [row.pk]


def test_a_download_is_saved_and_never_shown(cast: Cast, client_for: Callable, row: Evidence) -> None:
    answer = client_for(cast.marco).get(f"evidence/{row.pk}/")
    assert b"".join(answer.streaming_content) == b"a,b\n1,2\n"
    assert answer["Content-Disposition"] == ("attachment; filename*=utf-8''Ausf%C3%A4lle%20%E2%80%9CApril%E2%80%9D.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_nothing_to_download(cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission) -> None:
    """A file that is being written, and one that is gone from the storage."""
    with scope_of(cast.aldermoor):
        pending = measurements.evidence(submitted, state=FileState.PENDING)
        lost = measurements.evidence(submitted, added_at=datetime.combine(date(2024, 5, 8), NOON.timetz()))
        default_storage.delete(lost.stored_name)
    for one, status in ((pending, 404), (lost, 410)):
        assert client_for(cast.marco).get(f"evidence/{one.pk}/").status_code == status
    assert "1 file." in section(client_for(cast.marco).get(f"submissions/{submitted.pk}/"))
