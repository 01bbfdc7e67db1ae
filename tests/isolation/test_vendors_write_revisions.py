"""What the role of vendors may write of revisions, asked by SQL alone; and that it reads no draft."""

from collections.abc import Callable

import pytest

from agreements.models import Revision
from agreements.rules import Status
from tests.books import Books
from tests.cast import Cast
from tests.factories import agreements
from tests.isolation.by_sql import ask, refused

ANSWER = "UPDATE agreements_revision SET status = %s, version = version + 1, edition = edition + %s"
EDITION = """INSERT INTO agreements_revisionedition (organisation_id, vendor_id, revision_id, number, title, reason, document,
        checksum, base, base_version, dated_back, needed, writers, fingerprint, from_vendor, shared, by_id, by_name, at)
    SELECT organisation_id, vendor_id, id, edition, 'x', 'x', 'x', 'x', 'x', 1, false, 1, '{}', '', %s, %s, %s, %s, now()
    FROM agreements_revision"""
STEP = """INSERT INTO agreements_revisionstep
    (organisation_id, vendor_id, revision_id, edition, kind, text, by_id, by_name, from_vendor, shared, at)
    SELECT organisation_id, vendor_id, id, edition, %s, '', %s, %s, %s, true, now() FROM agreements_revision"""


@pytest.fixture
def revision(cast: Cast, scope_of: Callable) -> Revision:
    """One that lies with Corvid, and a draft beside it."""
    with scope_of(cast.aldermoor):
        contract = Books(cast.corvid).contract
        sent = agreements.sent(agreements.revision(contract, cast.petra), cast.petra)
        agreements.edition(agreements.revision(contract, cast.petra), cast.petra)
    return sent


def test_a_vendor_reads_no_draft_and_nothing_that_was_not_sent(revision: Revision, cast: Cast, scope_of: Callable):
    with scope_of(cast.vera):
        assert "permission denied" in refused("SELECT * FROM agreements_revisiondraft")
        for table in ("revision", "revisionedition", "revisionstep"):
            assert ask(f"SELECT FROM agreements_{table}") == 1


def test_a_vendor_answers_what_lies_with_it_and_changes_nothing_else(
    revision: Revision, cast: Cast, scope_of: Callable
):
    with scope_of(cast.vera):
        for status in ("in_force", "draft", "approved", "with_vendor"):
            assert "lie with it" in refused(ANSWER, status, 0)
        assert "lie with it" in refused(ANSWER, "consented", 1)
        assert "lie with it" in refused(f"{ANSWER}, number = 7", "consented", 0)
        assert "permission denied" in refused("UPDATE agreements_revisionedition SET document = 'x'")
        assert "permission denied" in refused("DELETE FROM agreements_revision")
        assert ask(ANSWER, "declined", 0) == 1
        assert "lie with it" in refused(ANSWER, "consented", 0)


def test_a_vendor_proposes_in_answer_and_in_ones_own_name(revision: Revision, cast: Cast, scope_of: Callable):
    vera = cast.vera.pk, cast.vera.name
    with scope_of(cast.vera):
        assert "in answer" in refused(EDITION.replace("id, edition,", "id, edition + 1,"), True, True, *vera)
        assert ask(ANSWER, "countered", 1) == 1
        assert "in answer" in refused(EDITION, False, True, *vera)
        assert "acting member" in refused(EDITION, True, True, cast.ravi.pk, cast.ravi.name)
        assert "row-level security" in refused(EDITION, True, False, *vera)
        assert ask(EDITION, True, True, *vera) == 1


def test_a_vendor_writes_what_it_answered(revision: Revision, cast: Cast, scope_of: Callable):
    vera = cast.vera.pk, cast.vera.name
    with scope_of(cast.vera):
        assert "own people answer" in refused(STEP, "consented", *vera, True)
        assert ask(ANSWER, "consented", 0) == 1
        assert ask(STEP, "consented", *vera, True) == 1
        for kind in ("declined", "sent", "in_force"):
            assert "own people answer" in refused(STEP, kind, *vera, True)
        assert "own people answer" in refused(STEP, "consented", *vera, False)
    with scope_of(cast.aldermoor):
        assert Revision.objects.get(pk=revision.pk).status == Status.CONSENTED
