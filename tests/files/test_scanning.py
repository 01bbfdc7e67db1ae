"""The virus check, beside a server that speaks clamd's INSTREAM."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from files.actions import attach_files, examine, scan_files
from files.rules import FileState, Scan
from lib.errors import RuleBroken
from measurements.models import Evidence
from notifications.models import Event
from tests.factories import contracts, measurements
from tests.factories.measurements import SUBMITTED_AT as NOW

BAD = b"%PDF-1.7 bad"


class Clamd:
    """Answers each stream: FOUND where the text is in it."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                talk, _ = self.listening.accept()
            except OSError:
                return
            with talk, talk.makefile("rb") as said:
                command = said.read(len(b"zINSTREAM\0"))
                content = b""
                while size := int.from_bytes(said.read(4), "big"):
                    content += said.read(size)
                self.asked.append(content)
                found = b"stream: Eicar-Test-Signature FOUND\0" if b"bad" in content else b"stream: OK\0"
                talk.sendall(found if command == b"zINSTREAM\0" else b"UNKNOWN COMMAND\0")


@pytest.fixture
def clamd(settings) -> Iterator[Clamd]:
    server = Clamd()
    settings.CLAMD_ADDRESS = server.address
    yield server
    server.listening.close()


@pytest.fixture
def draft(cast, scope_of):
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        contracts.periods(contract, count=1)
        return measurements.submission(contract)


def attached(draft, content=b"%PDF-1.7"):
    of = {"vendor_id": draft.vendor_id, "submission": draft}
    return attach_files(Evidence, examine([ContentFile(content, "a.pdf")]), by=None, at=NOW, **of)[0]


def test_without_one_a_file_is_kept_and_said_to_be_not_scanned(cast, scope_of, draft):
    with scope_of(cast.aldermoor):
        row = attached(draft)
        assert (row.scan, row.get_scan_display()) == (Scan.NONE, "Not scanned for viruses")
        assert scan_files(now=NOW) == 0


def test_a_clean_file_is_kept_and_one_with_a_virus_is_not(cast, scope_of, draft, clamd):
    large = b"%PDF-1.7" + b"x" * 200_000  # several chunks
    with scope_of(cast.aldermoor):
        assert attached(draft, large).scan == Scan.CLEAN
        with pytest.raises(RuleBroken, match=r"a\.pdf was not kept: the virus check found Eicar-Test-Signature in it"):
            attached(draft, BAD)
        assert Evidence.objects.count() == 1
    assert clamd.asked == [large, BAD]


def test_one_that_does_not_answer_holds_nobody_up(cast, scope_of, draft, settings):
    settings.CLAMD_ADDRESS = "127.0.0.1:1"  # nobody listens there
    with scope_of(cast.aldermoor):
        assert attached(draft).scan == Scan.NONE


def test_what_was_not_scanned_is_scanned_at_night(cast, scope_of, draft, settings, clamd, client_for):
    at, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, ""
    with scope_of(cast.aldermoor):
        good, bad = attached(draft), attached(draft, BAD)
        settings.CLAMD_ADDRESS = at
        assert scan_files(now=NOW) == 2
        assert scan_files(now=NOW) == 0
        good.refresh_from_db()
        bad.refresh_from_db()
        assert (good.scan, good.state, bad.state) == (Scan.CLEAN, FileState.STORED, FileState.BLOCKED)
        event = Event.objects.get()
        assert event.title == "Evidence blocked: a.pdf" and "Eicar-Test-Signature" in event.detail
    page = client_for(cast.vera).get(f"submissions/{draft.pk}/").content.decode()
    assert "Blocked: a virus was found" in page
    answer = client_for(cast.vera).get(f"evidence/{bad.pk}/")
    assert answer.status_code == 410 and "a virus in it" in answer.content.decode()


def test_a_night_passes_over_what_is_missing_and_ends_where_nobody_answers(cast, scope_of, draft, settings, clamd):
    at, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, ""
    with scope_of(cast.aldermoor):
        gone, there = attached(draft), attached(draft)
        default_storage.delete(gone.stored_name)
        settings.CLAMD_ADDRESS = "127.0.0.1:1"  # nobody listens there
        assert scan_files(now=NOW) == 0
        settings.CLAMD_ADDRESS = at
        assert scan_files(now=NOW) == 1
        assert dict(Evidence.objects.values_list("pk", "scan")) == {gone.pk: Scan.NONE, there.pk: Scan.CLEAN}
