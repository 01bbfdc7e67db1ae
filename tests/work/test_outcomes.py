"""What a page answers when something around it fails: it says what it is, whether anything was changed, and loses nothing."""

import os
import re
import resource
import socket
import threading
from contextlib import closing, contextmanager, suppress
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from measurements.actions import import_figures, start_correction
from measurements.models import Evidence, Submission
from measurements.rules import Status
from tests.processes import wait_for

FILE = b"service_level,period,numerator,denominator\nSL-01,2024-06,97,100\n"


@pytest.fixture
def waiting(committed, desk, cast, scope_of):
    """June's figures, which wait for Marco."""
    desk.report("service_level,period,numerator,denominator\nSL-01,2024-04,96,100\nSL-01,2024-05,97,100\n")
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=desk.contract, source=FILE, filename="f.csv", submit=True)
        return Submission.objects.get(month=date(2024, 6, 1))


@pytest.fixture
def marco(cast, client_for):
    return client_for(cast.marco, raise_request_exception=False)


def status_of(submission, scope_of, organisation):
    with scope_of(organisation):
        return Submission.objects.get(pk=submission.pk).status


# Somebody holds it -------------------------------------------------------------------------------------------------


def test_a_contract_that_a_frozen_worker_holds_is_waited_for_seconds(waiting, marco, cast, scope_of, settings):
    settings.DATABASE_LIMITS = settings.DATABASE_LIMITS | {
        "web": settings.DATABASE_LIMITS["web"] | {"lock_timeout": 300}
    }
    with connections["owner"].cursor() as frozen:
        frozen.execute("BEGIN; SELECT * FROM contracts_reevaluation FOR UPDATE")
        try:
            answer = marco.post(f"submissions/{waiting.pk}/accept/")
        finally:
            frozen.execute("ROLLBACK")
    text = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "is being worked on" in text and "Nothing was changed." in text
    assert status_of(waiting, scope_of, cast.aldermoor) == Status.SUBMITTED
    assert marco.post(f"submissions/{waiting.pk}/accept/").status_code == 302
    assert status_of(waiting, scope_of, cast.aldermoor) == Status.ACCEPTED


# The connection is lost --------------------------------------------------------------------------------------------


class Line:
    """Between this process and its database. `cut_after("a", "b")`: of the messages to the server one with the first word passes, then one
    with the second reaches it, and its answer nobody."""

    def __init__(self, path):
        self.path, self.words, self.cuts = path, [], 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, *words):
        self.words = [word.encode() for word in words]

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.path)
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source, target, to_server):
        with suppress(OSError), closing(source):
            while data := source.recv(65536):
                found = to_server and self.words and self.words[0] in data
                if found:
                    del self.words[0]
                last = found and not self.words
                if last:  # before the message goes out, so that no answer can come back in time
                    self.cuts += 1
                    source.shutdown(socket.SHUT_RDWR)
                target.sendall(data)
                if last:
                    return
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(committed):
    sockets = re.search(r"host=([^&]+)", os.environ["DATABASE_URL"])
    port = connections.settings["default"]["PORT"] or "5432"
    found = Line(f"{sockets[1]}/.s.PGSQL.{port}")
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOST": "127.0.0.1", "PORT": str(found.listener.getsockname()[1])}.items():
            patch.setitem(connections.settings["default"], name, value)
        yield found
        connections.close_all()
    found.listener.close()


def test_a_connection_that_is_lost_after_commit_says_that_nobody_knows(waiting, line, marco, cast, scope_of):
    line.cut_after("measurements_step", "COMMIT")
    answer = marco.post(f"submissions/{waiting.pk}/accept/")
    connections.close_all()
    assert (answer.status_code, line.cuts) == (503, 1)
    text = answer.content.decode()
    assert "it is not known whether this was saved" in text and "Nothing was changed" not in text
    wait_for(lambda: status_of(waiting, scope_of, cast.aldermoor) == Status.ACCEPTED, "it was saved, after all")


def test_one_that_is_lost_before_has_changed_nothing(waiting, line, marco, cast, scope_of):
    line.cut_after("measurements_step")
    answer = marco.post(f"submissions/{waiting.pk}/accept/")
    connections.close_all()
    assert (answer.status_code, line.cuts) == (503, 1)
    assert "Nothing was changed" in answer.content.decode()
    assert status_of(waiting, scope_of, cast.aldermoor) == Status.SUBMITTED


# The disk is full --------------------------------------------------------------------------------------------------


@contextmanager
def room_for(size):
    """Files of this process may not grow beyond it; the system refuses as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_where_no_file_fits_it_is_said_and_nothing_is_stored(
    committed, desk, cast, scope_of, client_for, settings, tmp_path
):
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": folder}
    desk.report()
    with scope_of(cast.vera):
        draft = start_correction(by=cast.vera, contract=desk.contract, month=date(2024, 6, 1), reason="A mistake")
    vera = client_for(cast.vera, raise_request_exception=False)

    def upload():
        file = SimpleUploadedFile("april.pdf", b"%PDF-1.7\n" + b" " * 2_000_000)
        return vera.post(f"submissions/{draft.pk}/evidence/", {"attachments": file})

    with room_for(1_000_000):
        answer = upload()
    assert answer.status_code == 507
    assert answer["Content-Type"].startswith("text/html")
    with scope_of(cast.aldermoor):
        assert not Evidence.objects.exists()
    assert upload().status_code < 400
