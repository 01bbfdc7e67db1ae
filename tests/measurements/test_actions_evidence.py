"""Evidence: kept while figures are open, left alone once they are submitted, and nothing left behind in the storage."""

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction

from files.actions import purge_orphans
from files.kinds import MAX_FILES
from files.rules import FileState
from lib.errors import Conflict, NotAllowed, RuleBroken
from measurements.actions import accept, attach, remove, return_, start_correction, submit
from measurements.models import Evidence, Submission
from measurements.rules import Status
from tests.cast import Cast
from tests.factories import contracts, measurements, slas

PDF = b"%PDF-1.7\n" + b"april" * 30_000  # more than one chunk
NOON = datetime(2024, 5, 7, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    """A real folder for this test."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    assert default_storage.path("x") == str(tmp_path / "x")
    return tmp_path


@pytest.fixture
def draft(cast: Cast, scope_of: Callable) -> Submission:
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        period, level = contracts.periods(contract, count=1)[0], slas.service_level(contract)
        slas.terms(level)
        made = measurements.submission(contract)
        measurements.figure(made, level, period)
    return made


@pytest.fixture
def vera(cast: Cast, draft: Submission, scope_of: Callable) -> Iterator[Any]:
    with scope_of(cast.vera):
        yield cast.vera


def attached(by: Any, to: Submission, name: str = "april.pdf", content: bytes = PDF, **given: Any) -> Evidence:
    return attach(by=by, submission=to, files=[ContentFile(content, name)], **{"now": NOON} | given)[0]


def files(media: Path) -> list[str]:
    return sorted(path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file())


def aged(media: Path, name: str, of: Cast, when: datetime) -> Path:
    path = media / "evidence" / str(of.aldermoor.pk) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left over")
    set_age(path, when)
    return path


def set_age(path: Path, when: datetime) -> None:
    os.utime(path, (when.timestamp(), when.timestamp()))


def test_what_is_kept(vera: Any, draft: Submission, media: Path) -> None:
    level = draft.contract.service_levels.get()
    row = Evidence.objects.get(pk=attached(vera, draft, "../april.pdf", service_level=level, description=" All ").pk)
    assert (row.name, row.description, row.size, row.service_level) == ("april.pdf", "All", len(PDF), level)
    assert (row.sha256, row.state) == (hashlib.sha256(PDF).hexdigest(), FileState.STORED)
    assert (row.added_by, row.added_by_name, row.added_at) == (vera, "Vera Novak", NOON)
    assert (media / row.stored_name).read_bytes() == PDF
    assert "april" not in row.stored_name


def test_who_may(cast: Cast, draft: Submission, scope_of: Callable, media: Path) -> None:
    for who in (cast.petra, cast.olu):
        with scope_of(who), pytest.raises(NotAllowed):
            attached(who, draft)
    for who in (cast.ravi, cast.marco):
        with scope_of(who):
            remove(by=who, evidence=attached(who, draft))
    with scope_of(cast.hana), pytest.raises(Submission.DoesNotExist):
        attached(cast.hana, draft)


def test_refused_files_leave_nothing(vera: Any, draft: Submission, media: Path) -> None:
    with pytest.raises(RuleBroken, match="is of a kind that is not taken"):
        attached(vera, draft, "april.exe")
    with pytest.raises(RuleBroken, match="does not hold"):
        attached(vera, draft, "april.png")
    assert not Evidence.objects.exists()
    assert files(media) == []


def test_twenty_are_the_most(vera: Any, draft: Submission) -> None:
    for nth in range(MAX_FILES):
        attached(vera, draft, f"{nth}.pdf", b"%PDF-1.7")
    with pytest.raises(RuleBroken, match="20 files can be attached, and 20 are"):
        attached(vera, draft)


def test_a_service_level_of_another_contract(cast: Cast, scope_of: Callable, draft: Submission) -> None:
    with scope_of(cast.aldermoor):
        foreign = slas.service_level(contracts.contract(cast.corvid, reference="MSA-9"))
    with scope_of(cast.vera), pytest.raises(RuleBroken, match="is not in this contract"):
        attached(cast.vera, draft, service_level=foreign)


def test_one_file_replaces_one_of_its_month(vera: Any, draft: Submission) -> None:
    older = attached(vera, draft)
    may = measurements.submission(draft.contract, date(2024, 5, 1), by_vendor=True)
    two = [ContentFile(PDF, "a.pdf"), ContentFile(PDF, "b.pdf")]
    for submission, files, said in ((may, two[:1], "another month"), (draft, two, "One file replaces")):
        with pytest.raises(RuleBroken, match=said):
            attach(by=vera, submission=submission, files=files, replaces=older, now=NOON)
    assert Evidence.objects.get() == older


def test_only_while_the_figures_are_open(cast: Cast, draft: Submission, scope_of: Callable) -> None:
    """Added and removed in a draft; added to what was returned, beside what was submitted; then neither."""
    with scope_of(cast.vera):
        early, kept = attached(cast.vera, draft), attached(cast.vera, draft)
        remove(by=cast.vera, evidence=early)
        submit(by=cast.vera, submission=draft, now=NOON + timedelta(hours=1))
        for act in (lambda: attached(cast.vera, draft), lambda: remove(by=cast.vera, evidence=kept)):
            with pytest.raises(Conflict, match="These figures are submitted"):
                act()
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=draft, reason="Attach the tickets")
    with scope_of(cast.vera):
        late = attached(cast.vera, draft, now=NOON + timedelta(hours=2))
        with pytest.raises(RuleBroken, match=r"april\.pdf was submitted with the figures and stays with them"):
            remove(by=cast.vera, evidence=kept)
        remove(by=cast.vera, evidence=late)
        submit(by=cast.vera, submission=draft, now=NOON + timedelta(hours=3))
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
        with pytest.raises(Conflict):
            attached(cast.marco, draft)
        assert [one.pk for one in draft.evidence.all()] == [kept.pk]


def test_a_correction_begins_without_evidence_and_leaves_the_former_s_alone(
    cast: Cast, draft: Submission, scope_of: Callable, media: Path
) -> None:
    with scope_of(cast.vera):
        first = attached(cast.vera, draft)
        submit(by=cast.vera, submission=draft)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
    with scope_of(cast.vera):
        correction = start_correction(by=cast.vera, contract=draft.contract, month=draft.month, reason="Miscounted")
        assert not correction.evidence.exists()
        second = attached(cast.vera, correction)
        submit(by=cast.vera, submission=correction)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=correction)
        assert Submission.objects.get(pk=draft.pk).status == Status.SUPERSEDED
        assert [one.submission_id for one in Evidence.objects.order_by("pk")] == [draft.pk, correction.pk]
    assert files(media) == sorted([first.stored_name, second.stored_name])


def test_a_file_goes_when_its_removal_is_certain(
    cast: Cast, draft: Submission, scope_of: Callable, media: Path, django_capture_on_commit_callbacks: Callable
) -> None:
    with scope_of(cast.vera):
        row = attached(cast.vera, draft)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            remove(by=cast.vera, evidence=row)
            raise ZeroDivisionError
        assert files(media) == [row.stored_name]
        with django_capture_on_commit_callbacks(execute=True):
            remove(by=cast.vera, evidence=Evidence.objects.get())
    assert files(media) == []


def test_a_storage_that_fails_leaves_no_row(vera: Any, draft: Submission, media: Path) -> None:
    (media / "evidence").write_text("a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        attached(vera, draft)
    assert not Evidence.objects.exists()


# The sweep ---------------------------------------------------------------------------------------------------------


def test_the_sweep_takes_what_belongs_to_nothing_for_a_day(
    cast: Cast, draft: Submission, scope_of: Callable, media: Path
) -> None:
    old, young = NOON - timedelta(hours=25), NOON - timedelta(hours=23)
    with scope_of(cast.vera):
        kept = attached(cast.vera, draft, now=old)
        stuck, gone = attached(cast.vera, draft, now=young), attached(cast.vera, draft, now=old)
        for path in files(media):
            set_age(media / path, old)
    left = [aged(media, "orphan", cast, old), aged(media, "upload", cast, young)]
    with scope_of(cast.aldermoor):
        Evidence.objects.filter(pk__in=[stuck.pk, gone.pk]).update(state=FileState.PENDING)
        assert purge_orphans(now=NOON) == 2
        assert sorted(Evidence.objects.values_list("state", flat=True)) == ["pending", "stored"]
        assert purge_orphans(now=NOON) == 0
    assert [path.exists() for path in left] == [False, True]
    assert (media / kept.stored_name).exists()
    assert not (media / gone.stored_name).exists()


def test_the_command_sweeps_every_organisation(cast: Cast, draft: Submission, media: Path, capsys: Any) -> None:
    aged(media, "orphan", cast, datetime(2020, 1, 1, tzinfo=UTC))
    call_command("purge_orphans")
    assert capsys.readouterr().out == "Removed 1 file.\n"
    call_command("purge_orphans")
    assert capsys.readouterr().out == "Removed 0 files.\n"


def test_a_vendor_s_scope_sweeps_nothing(vera: Any, draft: Submission) -> None:
    with pytest.raises(RuntimeError, match="for a whole organisation"):
        purge_orphans(now=NOON)
