"""PostgreSQL away: pages say so, nothing is half written, and everything goes on by itself when it is back."""

import json
import threading
import time

from django.db import connections

from tests.faults.conftest import AWAY
from tests.processes import wait_for

PAGES = ("portfolio/", "inbox/", "submissions/", "/")


def test_away_and_back(firm, servers, processes, visitor, all_done, must_hold):
    marco, busy = visitor(firm.cast.marco), visitor(firm.cast.marco)
    started = [*processes.started, processes.worker(), processes.beat()]
    all_done()
    first, *rest = firm.waiting(firm.cast.aldermoor)
    form = marco.open(first.pk)
    forms = [(submission.pk, busy.open(submission.pk)) for submission in rest]
    accepting = threading.Thread(target=lambda: [busy.accept(*one) for one in forms])
    accepting.start()
    wait_for(lambda: busy.writes, "the first acceptance is answered")
    servers.postgres_away()
    until = time.monotonic() + AWAY
    assert refused(marco.accept(first.pk, form))
    while time.monotonic() < until:
        assert all(refused(marco.ask(page)) for page in PAGES)
        assert refused(marco.ask("inbox/panel/", **{"HX-Request": "true"}))
        assert refused_as_problem(marco.ask("api/v1/contracts/"))
        assert marco.ask("/static/js/app.js").status == 200
        assert marco.ask("/healthz/ready").status == 503
        time.sleep(0.2)
    accepting.join()
    statuses = [write.status for write in busy.writes]
    assert set(statuses) == {302, 503}, statuses
    servers.postgres_back()
    connections.close_all()  # the test's own; those of web and worker must find out by themselves
    began = time.monotonic()
    wait_for(lambda: marco.ask("portfolio/").status == 200, "pages are back")
    back = time.monotonic() - began
    assert marco.accept(first.pk, form).status == 302
    must_hold(marco, busy)
    done = time.monotonic() - began
    print(f"PostgreSQL away for {AWAY:g} s: pages back after {back:.2f} s, all work done after {done:.1f} s.")
    assert not any(child.gone for child in started)


def refused(answer):
    assert answer.status == 503, (answer.status, answer.text[:300])
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    return True


def refused_as_problem(answer):
    """For programs: the shape of every other refusal of the API."""
    assert refused(answer)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.text)
    assert problem.pop("type").endswith("/api/problems/#unavailable")
    assert problem == {
        "code": "unavailable",
        "title": "unavailable",
        "status": 503,
        "detail": "Plumbline is busy or being updated. Nothing was changed; try again in 10 seconds.",
    }
    return True
