"""From an acceptance on a page to the breach, without any beat: the wake-up alone."""

import statistics
import time

from breaches.models import Breach
from organisations.scope import open_scope
from tests.processes import wait_for

ROUNDS = 7  # on a machine with nothing else to do the median that is printed must be below 2 seconds


def test_a_breach_follows_an_acceptance(firm, processes, visitor, wake, all_done, must_hold):
    marco = visitor(firm.cast.marco)
    processes.worker()
    wake()
    all_done()
    took = []
    for submission in firm.waiting(firm.cast.aldermoor)[:ROUNDS]:
        form = marco.open(submission.pk)
        began = time.monotonic()
        assert marco.accept(submission.pk, form).status == 302
        wait_for(lambda one=submission: _breaches(one), "there is a breach")
        took.append(time.monotonic() - began)
    print(f"Acceptance to breach, {ROUNDS} times: median {statistics.median(took):.2f} s, longest {max(took):.2f} s.")
    must_hold(marco)


def _breaches(submission):
    with open_scope(organisation_id=submission.organisation_id):
        return Breach.objects.filter(contract=submission.contract_id, month=submission.month).exists()
