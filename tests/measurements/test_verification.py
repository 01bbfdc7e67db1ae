"""Evidence that is not what was attached: not served, said loudly, and found by the command."""

import errno
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.storage.filesystem import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from config.tasks import verify_file as task
from files.actions import open_as_attached, verification, verify_files
from lib.errors import NO_ROOM_SAID, Gone
from measurements.actions import attach, submit
from measurements.models import Evidence, Submission
from notifications.models import Event, Notification
from tests.cast import Cast
from tests.factories import contracts, measurements, slas

PDF = b"%PDF-1.7\n" + b"april" * 30_000
NOW = datetime(2024, 5, 7, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    assert default_storage.path("x") == str(tmp_path / "x")
    return tmp_path


@pytest.fixture
def draft(cast: Cast, scope_of: Callable) -> Submission:
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        period, level = contracts.periods(contract, count=1)[0], slas.service_level(contract)
        slas.terms(level)
        made = measurements.submission(contract, by_vendor=True)
        measurements.figure(made, level, period)
    return made


@pytest.fixture
def row(cast: Cast, draft: Submission, scope_of: Callable) -> Evidence:
    with scope_of(cast.vera):
        (made,) = attach(by=cast.vera, submission=draft, files=[ContentFile(PDF, "april.pdf")], now=NOW)
        submit(by=cast.vera, submission=draft, now=NOW)
    return made


def altered(path: Path) -> None:
    path.write_bytes(PDF[:-1] + b"x")


def cut(path: Path) -> None:
    path.write_bytes(PDF[:1000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def removed(path: Path) -> None:
    path.unlink()


DAMAGES = {altered: "altered", cut: "1,000 bytes long", emptied: "0 bytes long", removed: "missing"}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_not_served_and_administrators_are_told(
    damage: Callable, cast: Cast, row: Evidence, client_for: Callable, scope_of: Callable, media: Path, caplog: Any
) -> None:
    marco, path = client_for(cast.marco), f"evidence/{row.pk}/"
    answer = marco.get(path)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)
    damage(media / row.stored_name)
    answer = marco.get(path)
    assert (answer.status_code, answer["X-Refused"]) == (410, "file_damaged")
    assert DAMAGES[damage] in answer.content.decode()
    assert PDF[:20] not in answer.content
    assert row.stored_name in caplog.text
    assert task.run(cast.aldermoor.pk, "measurements.Evidence", row.pk) == 1  # what the refused download has called
    assert task.run(cast.aldermoor.pk, "measurements.Evidence", row.pk) == 1  # again: nobody is told twice
    with scope_of(cast.aldermoor):
        event = Event.objects.get(kind="damaged")
        assert event.title == "Evidence damaged: april.pdf"
        assert DAMAGES[damage] in event.detail
        assert event.path == f"submissions/{row.submission_id}/"
        assert [one.member for one in Notification.objects.filter(event=event)] == [cast.ada]
    assert marco.get(f"submissions/{row.submission_id}/").status_code == 200


def test_the_refused_download_calls_for_an_alarm(
    cast: Cast, row: Evidence, client_for: Callable, media: Path, redis_url: str
) -> None:
    """Although what its answer would write is taken back."""
    altered(media / row.stored_name)
    assert client_for(cast.vera).get(f"evidence/{row.pk}/").status_code == 410
    with redis.Redis.from_url(redis_url) as client:
        calls = [
            call for key in client.scan_iter() if client.type(key) == b"list" for call in client.lrange(key, 0, -1)
        ]
    assert any(b"plumbline.verify_file" in call for call in calls)


def test_a_file_of_another_folder_is_not_opened(cast: Cast, row: Evidence, scope_of: Callable) -> None:
    """The database refuses such a row; the download looks again."""
    with scope_of(cast.marco):
        for name in (f"evidence/{cast.brightwater.pk}/theirs", f"evidence/{cast.aldermoor.pk}/../x", "secrets"):
            row.stored_name = name
            with pytest.raises(Gone, match="folder"):
                open_as_attached(row)


def test_the_command_looks_at_all_in_shares(
    cast: Cast, row: Evidence, draft: Submission, scope_of: Callable, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "SHARE", 2)
    with scope_of(cast.aldermoor):
        more = [measurements.evidence(draft, content=b"%d" % n, name=f"{n}.csv") for n in range(4)]
    out = StringIO()
    call_command("verify_files", stdout=out)
    assert out.getvalue() == "5 files are what was attached.\n"
    emptied(media / more[0].stored_name)
    removed(media / more[3].stored_name)
    with pytest.raises(CommandError, match="2 of 5 files are not what was attached"):
        call_command("verify_files", stderr=(said := StringIO()))
    first, second = said.getvalue().splitlines()
    assert "0.csv is 0 bytes long instead of 1" in first and more[0].stored_name in first
    assert "3.csv is missing" in second
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(kind="damaged").count() == 2


def test_a_share_ends_where_nothing_is_left(cast: Cast, row: Evidence, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        assert verify_files(Evidence, now=NOW) == ([], 1, None)
    with scope_of(cast.brightwater):
        assert verify_files(Evidence, now=NOW) == ([], 0, None)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_changes_nothing(
    number: int,
    cast: Cast,
    draft: Submission,
    client_for: Callable,
    scope_of: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(self: Any, name: str, content: Any) -> str:
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    vera = client_for(cast.vera)
    given = {"attachments": SimpleUploadedFile("april.pdf", PDF), "description": "Tickets of April"}
    answer = vera.post(f"submissions/{draft.pk}/evidence/", given)
    assert answer.status_code == 507
    assert NO_ROOM_SAID in " ".join(answer.content.decode().split())
    assert "Tickets of April" in answer.content.decode()
    with scope_of(cast.aldermoor):
        assert not Evidence.objects.exists()


def test_a_full_disk_anywhere_else_is_507_too(
    cast: Cast, row: Evidence, client_for: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an upload is put down while it arrives."""

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_open", full)
    answer = client_for(cast.vera, raise_request_exception=False).get(f"evidence/{row.pk}/")
    assert answer.status_code == 507
    assert NO_ROOM_SAID in answer.content.decode()
