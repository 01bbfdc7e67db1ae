"""Who decides says what was seen: a page that was open while somebody changed its subject decides nothing."""

import pytest

from measurements.actions import import_figures, submit, withdraw
from measurements.models import Submission
from measurements.rules import Status
from tests.measurements.reporting import csv, sheet


def changed_meanwhile(cast, scope_of, submitted):
    """Vera withdraws, types another number and submits again, while somebody's page shows what she submitted first."""
    with scope_of(cast.vera):
        withdraw(by=cast.vera, submission=submitted)
        given = csv("SL-01,2024-04-01,60,100,,Other")
        (draft,) = import_figures(by=cast.vera, contract=submitted.contract, source=given)
        submit(by=cast.vera, submission=draft)


@pytest.mark.parametrize(("act", "given"), [("accept", {}), ("return", {"reason": "Too few"})])
def test_figures_that_nobody_has_read_are_not_decided_on(cast, client_for, scope_of, submitted, act, given):
    marco, path = client_for(cast.marco), f"submissions/{submitted.pk}/"
    version = marco.get(path).context["submission"].version
    changed_meanwhile(cast, scope_of, submitted)
    answer = marco.post(f"{path}{act}/", {"version": version, **given})
    assert answer.status_code == 409
    assert "Vera Novak changed these figures after you opened the page" in answer.content.decode()
    with scope_of(cast.aldermoor):
        row = Submission.objects.get()
        assert (row.status, set(sheet(row).values())) == (Status.SUBMITTED, {60})
    assert marco.post(f"{path}{act}/", {"version": row.version, **given}).status_code == 302


def test_every_write_counts_and_every_form_carries_the_version(cast, client_for, scope_of, draft):
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    first = draft.version
    assert f'name="version" value="{first}"' in vera.get(path).content.decode()
    with scope_of(cast.ravi):
        import_figures(by=cast.ravi, contract=draft.contract, source=csv("SL-01,2024-04-01,97,100"))
    refused = vera.post(f"{path}submit/", {"declared": "on", "version": first})
    assert refused.status_code == 409
    assert "Ravi Menon changed these figures" in refused.content.decode()
    for nonsense in ("x", "-1", "٣", "99999999999", str(first)):
        assert vera.post(f"{path}submit/", {"declared": "on", "version": nonsense}).status_code == 409
    assert vera.post(f"{path}submit/", {"declared": "on", "version": first + 1}).status_code == 302
    with scope_of(cast.vera):
        assert Submission.objects.get().version == first + 2
