"""PostgreSQL killed in the middle of a statement: the page says so (503), nothing is half written, and it goes on by itself."""

import os
import re
import signal
import threading

import psycopg2
import pytest
from django.db import connections

from tests.processes import wait_for

WAITS = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND backend_type = 'client backend'"


def kill_the_backend(servers, pid):
    """It alone is killed; PostgreSQL then ends all others, and begins again."""
    os.kill(pid, signal.SIGKILL)


def kill_another(servers, pid):
    """The one in mid-statement is told to go because another one crashed."""
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as bystander:
        os.kill(bystander.info.backend_pid, signal.SIGKILL)


def kill_the_server(servers, pid):
    servers.postgres_away(signal.SIGQUIT)


@pytest.mark.parametrize("kill", [kill_the_backend, kill_another, kill_the_server])
def test_killed_in_the_middle_of_a_statement(firm, servers, processes, visitor, must_hold, kill):
    marco = visitor(firm.cast.marco)
    submission = firm.waiting(firm.cast.aldermoor)[0]
    form = marco.open(submission.pk)
    answers = []
    holder = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    holder.cursor().execute("SELECT * FROM measurements_submission FOR UPDATE")
    accepting = threading.Thread(target=lambda: answers.append(marco.accept(submission.pk, form)))
    accepting.start()
    pids = []

    def waits():
        with connections["owner"].cursor() as cursor:
            cursor.execute(WAITS)
            pids[:] = [pid for (pid,) in cursor.fetchall()]
        return pids

    wait_for(waits, "the acceptance waits in a statement")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CHECKPOINT"
        )  # the tests' server commits without waiting for the log: a crash would end the session, too
    kill(servers, pids[0])
    accepting.join(60)
    [answer] = answers
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10"), answer.text[:500]
    assert "Nothing was changed" in answer.text, re.sub(r"<[^>]*>|\s+", " ", answer.text)[-600:]
    connections.close_all()
    if kill is kill_the_server:
        servers.postgres_back()

    def back():
        page = marco.ask("portfolio/")
        print(page.status, page.text[:2000])  # shown where it fails
        return page.status == 200

    wait_for(back, "pages are back")
    assert marco.accept(submission.pk, form).status == 302
    processes.worker()
    processes.beat()
    must_hold(marco)
