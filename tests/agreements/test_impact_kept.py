"""What approval and consent stand on: the impact that was kept with the edition, and the data that it was worked out from."""

from datetime import date
from decimal import Decimal

import pytest

from agreements.actions import approve, consent, counter_propose, save_draft, submit
from agreements.proposals import as_stored
from agreements.rules import Status
from contracts import contract_file
from evaluation.actions import judge_due
from lib.errors import Conflict
from measurements.actions import import_figures
from measurements.figures_file import FigureRow
from scorecards.actions import build_due
from tests.agreements.revised import JUNE, file_with


def report(live, on_time, reason=""):
    row = FigureRow(2, "SL-01", date(2024, 4, 1), numerator=Decimal(on_time), denominator=Decimal(100))
    import_figures(by=None, contract=live, rows=[row], reason=reason, accept=True, now=JUNE)
    judge_due(now=JUNE)
    build_due(now=JUNE)


@pytest.fixture
def judged(cast, scope_of, live):
    """April at 96: met by the terms in force, a breach by the draft's."""
    with scope_of(cast.aldermoor):
        report(live, 96, "First figures")
    return live


def test_an_edition_keeps_the_impact_that_was_seen(cast, scope_of, judged, draft, acting):
    edition = acting(cast.petra, submit, revision=draft, version=2)
    with scope_of(cast.petra):
        edition.refresh_from_db()
        assert edition.impact["sentence"] == "April 2024 becomes a breach; credits stay at £0."
        assert edition.impact["figures"]["breaches"] == {"was": 0, "becomes": 1}
        assert len(edition.fingerprint) == 64


def test_a_figure_that_is_restated_between_replay_and_approval_refuses_it(cast, scope_of, judged, draft, acting):
    acting(cast.petra, submit, revision=draft, version=2)
    with scope_of(cast.aldermoor):
        draft.refresh_from_db()
        version = draft.version
        report(judged, 91, "Counted twice")
    with pytest.raises(Conflict) as refused:
        acting(cast.marco, approve, revision=draft, edition=1)
    assert refused.value.code == "data_changed"
    with scope_of(cast.petra):
        draft.refresh_from_db()
        assert (draft.status, draft.version) == (Status.SUBMITTED, version)


def test_the_vendor_consents_to_what_was_seen(cast, scope_of, judged, draft, acting):
    """Its people read less than the client's: the fingerprint is of what both read."""
    acting(cast.petra, submit, revision=draft, version=2)
    acting(cast.marco, approve, revision=draft, edition=1)
    acting(cast.vera, consent, revision=draft, edition=1)
    with scope_of(cast.petra):
        draft.refresh_from_db()
        assert draft.status == Status.CONSENTED


RULE = {"from": "2024-07-01", "over": "service_level", "count": "defaults", "window": 12, "at_least": 1}
RULES = [RULE | {"name": "Told", "then": "notify"}, RULE | {"name": "Exit", "then": "termination_right"}]


def test_rights_of_the_client_s_are_not_in_what_its_vendor_reads(cast, scope_of, judged, draft, acting, client_for):
    """Neither in what was sent, nor in what the vendor has worked out of its own terms."""
    with scope_of(cast.petra):
        document = contract_file.write(as_stored(file_with(judged)).document() | {"rules": RULES})
        other = contract_file.write(as_stored(file_with(judged, target=98)).document() | {"rules": RULES})
    acting(cast.petra, save_draft, revision=draft, version=2, document=document)
    acting(cast.petra, submit, revision=draft, version=3)
    acting(cast.marco, approve, revision=draft, edition=1)

    def shown(member):
        return [rule["rule"] for rule in client_for(member).get(f"revisions/{draft.pk}/consent/").context["rules"]]

    assert (shown(cast.marco), shown(cast.vera)) == (["Exit", "Told"], ["Told"])
    acting(cast.vera, counter_propose, revision=draft, edition=1, document=other, reason="Fewer words.")
    assert shown(cast.marco) == shown(cast.vera) == ["Told"]
