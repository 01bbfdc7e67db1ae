"""What the role of vendors may write, asked by SQL alone, as if a vendor's people had found a way round the application.

Row security says whose rows; this says what of them: work that is open, in one's own name.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone

from measurements.actions import import_figures, submit, withdraw
from measurements.models import Evidence, Figure, Step, Submission
from measurements.rules import Status, StepKind
from organisations import row_security
from organisations.models import Membership
from organisations.scope import open_scope
from tests.architecture.sources import ROOT
from tests.cast import Cast
from tests.factories import measurements
from tests.isolation.by_sql import ask, refused

NOW = datetime(2024, 5, 8, 9, 0, tzinfo=UTC)


def handed_over(april: Submission, cast: Cast, scope_of: Callable) -> Submission:
    with scope_of(cast.vera):
        return submit(by=cast.vera, submission=april, now=NOW)


def become(april: Submission, status: str, scope_of: Callable, cast: Cast) -> Submission:
    """As the client's side leaves it."""
    handed_over(april, cast, scope_of)
    with scope_of(cast.aldermoor):
        decided = {"decided_by": cast.marco, "decided_by_name": cast.marco.name, "decided_at": NOW}
        Submission.objects.filter(pk=april.pk).update(status=status, **decided)
    return april


SUBMISSION = "UPDATE measurements_submission SET version = version + 1, {} WHERE id = %s"


# Submissions ---------------------------------------------------------------------------------------------------------


def test_nobody_accepts_their_own_figures_under_a_forged_name(
    april: Submission, cast: Cast, scope_of: Callable
) -> None:
    handed_over(april, cast, scope_of)
    forged = f"decided_by_id = {cast.marco.pk}, decided_by_name = 'Marco Reyes', decided_at = now()"
    with scope_of(cast.vera):
        for status in ("accepted", "returned", "superseded"):
            assert "acting member" in refused(SUBMISSION.format(f"status = '{status}', {forged}"), april.pk)
            assert "not decide on them" in refused(
                SUBMISSION.format(f"status = '{status}', decided_at = now()"), april.pk
            )
        assert "open submissions" in refused(SUBMISSION.format("source = 'mine.csv'"), april.pk)
        assert Submission.objects.get(pk=april.pk).status == Status.SUBMITTED


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.SUPERSEDED])
def test_what_was_decided_stays(april: Submission, cast: Cast, scope_of: Callable, status: str) -> None:
    become(april, status, scope_of, cast)
    with scope_of(cast.vera):
        for change in ("status = 'draft'", "status = 'submitted'", "source = 'mine.csv'", "reason = 'no'"):
            assert "open submissions" in refused(SUBMISSION.format(change), april.pk)
        for table in ("figure", "evidence"):
            assert ask(f"UPDATE measurements_{table} SET id = id WHERE submission_id <> %s", april.pk) == 0
        assert "open submissions" in refused("UPDATE measurements_figure SET numerator = 100")
        assert "open submissions" in refused("DELETE FROM measurements_figure")


def test_a_return_cannot_be_made_undone_or_up(april: Submission, cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.vera):
        decided = f"decided_by_id = {cast.vera.pk}, decided_by_name = '{cast.vera.name}', decided_at = now()"
        assert "does not decide" in refused(SUBMISSION.format(decided), april.pk)
        assert "what a submission is of" in refused(SUBMISSION.format("return_reason = 'forged'"), april.pk)
        assert "what a submission is of" in refused(SUBMISSION.format("due_again_on = '2030-01-01'"), april.pk)
    become(april, Status.RETURNED, scope_of, cast)
    with scope_of(cast.vera):
        gone = "decided_by_id = NULL, decided_by_name = '', decided_at = NULL"
        assert "does not decide" in refused(SUBMISSION.format(gone), april.pk)
        assert "handed over" in refused(SUBMISSION.format("submitted_at = '2024-05-01'"), april.pk)
        assert ask(SUBMISSION.format("source = 'again.csv'"), april.pk) == 1


def test_figures_are_handed_over_in_ones_own_name(april: Submission, cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.vera):
        for who, name in ((cast.ravi, cast.ravi.name), (cast.vera, "Somebody else"), (cast.marco, cast.marco.name)):
            forged = (
                f"status = 'submitted', submitted_at = now(), submitted_by_id = {who.pk}, submitted_by_name = '{name}'"
            )
            refused(SUBMISSION.format(forged), april.pk)
        assert "in the name of whoever saves" in refused(SUBMISSION.format("saved_by_name = 'Ravi Menon'"), april.pk)
        nobody = "status = 'submitted', submitted_at = now()"
        assert "by the acting member" in refused(SUBMISSION.format(nobody), april.pk)


@pytest.mark.parametrize(
    "change", ["month = '2023-01-01'", "revision = 9", "created_at = '2020-01-01'", "by_vendor = false", "version = 1"]
)
def test_a_submission_stays_what_it_is_of(april: Submission, cast: Cast, scope_of: Callable, change: str) -> None:
    with scope_of(cast.vera):
        counted = "" if change.startswith("version") else "version = version + 1, "
        assert "what a submission is of" in refused(f"UPDATE measurements_submission SET {counted}{change}")


def test_a_submission_begins_as_a_draft(april: Submission, cast: Cast, scope_of: Callable) -> None:
    columns = (
        "organisation_id, vendor_id, contract_id, month, revision, reason, source, saved_by_name, version, created_at"
    )
    whose = f"{april.organisation_id}, {april.vendor_id}, {april.contract_id}, '2024-05-01', 1, '', '', '', 1, now()"
    insert = f"""INSERT INTO measurements_submission ({columns}, status, submitted_by_id, submitted_by_name, submitted_at, by_vendor,
        return_reason, decided_by_name) VALUES ({whose}, %s, %s, %s, %s, %s, '', %s)"""
    with scope_of(cast.vera):
        vera = (cast.vera.pk, cast.vera.name, NOW)
        assert "begins as its draft" in refused(insert, "accepted", *vera, True, "")
        assert "begins as its draft" in refused(insert, "submitted", *vera, True, "")
        assert "begins as its draft" in refused(insert, "draft", None, "", None, False, "")
        refused(insert, "draft", None, "", None, True, "Marco Reyes")
        assert ask(insert, "draft", None, "", None, True, "") == 1


def test_what_the_client_handed_over_is_not_withdrawn(april: Submission, cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        by = {"submitted_by": cast.marco, "submitted_by_name": cast.marco.name, "submitted_at": NOW}
        Submission.objects.filter(pk=april.pk).update(status=Status.SUBMITTED, **by)
    back = "status = 'draft', submitted_by_id = NULL, submitted_by_name = '', submitted_at = NULL"
    with scope_of(cast.vera):
        assert "its own people" in refused(SUBMISSION.format(back), april.pk)


# Steps, figures, evidence --------------------------------------------------------------------------------------------


def test_steps_are_not_forged(april: Submission, cast: Cast, scope_of: Callable) -> None:
    insert = f"""INSERT INTO measurements_step (organisation_id, vendor_id, submission_id, reason, kind, by_id, by_name, at)
        VALUES ({april.organisation_id}, {april.vendor_id}, {april.pk}, '', %s, %s, %s, %s)"""
    vera = (cast.vera.pk, cast.vera.name)
    with scope_of(cast.vera):
        assert "steps that the acting member takes" in refused(insert, "submitted", *vera, NOW)  # it is a draft
    handed_over(april, cast, scope_of)
    with scope_of(cast.vera):
        for kind, who, name, at in (
            ("accepted", cast.marco.pk, cast.marco.name, NOW),  # the client's
            ("accepted", *vera, NOW),
            ("returned", *vera, NOW),
            ("withdrawn", *vera, NOW),  # it is not
            ("submitted", cast.ravi.pk, cast.ravi.name, NOW),  # a colleague's
            ("submitted", cast.vera.pk, "Ravi Menon", NOW),  # under another name
            ("submitted", *vera, NOW - timedelta(days=9)),  # earlier than it was
            ("submitted", *vera, NOW),  # twice
        ):
            refused(insert, kind, who, name, at)
        refused("UPDATE measurements_step SET at = '2020-01-01'")
        assert list(Step.objects.values_list("kind", flat=True)) == [StepKind.SUBMITTED]


def test_figures_of_what_is_handed_over_stay(april: Submission, cast: Cast, scope_of: Callable) -> None:
    handed_over(april, cast, scope_of)
    copied = """INSERT INTO measurements_figure
        (organisation_id, vendor_id, submission_id, service_level_id, period_id, part, incident, note)
        SELECT organisation_id, vendor_id, submission_id, service_level_id, period_id, 'More', '', '' FROM measurements_figure"""
    with scope_of(cast.vera):
        for sql in ("UPDATE measurements_figure SET numerator = 100", "DELETE FROM measurements_figure", copied):
            assert "open submissions only: this one is submitted" in refused(sql)
        assert Figure.objects.get().numerator == 98


def test_figures_do_not_move_into_what_is_handed_over(april: Submission, cast: Cast, scope_of: Callable) -> None:
    handed_over(april, cast, scope_of)
    with scope_of(cast.aldermoor):
        may = measurements.submission(april.contract, april.month.replace(month=5), by_vendor=True)
        Figure.objects.update(submission=may)
    with scope_of(cast.vera):
        assert "open submissions" in refused("UPDATE measurements_figure SET submission_id = %s", april.pk)


def test_evidence_stays_as_it_is_and_in_its_folder(april: Submission, cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        kept = measurements.evidence(april, added_by=cast.vera, added_by_name=cast.vera.name)
    with scope_of(cast.vera):
        for change in (
            f"stored_name = 'evidence/{cast.brightwater.pk}/theirs'",
            "name = 'other.csv'",
            "sha256 = repeat('0', 64)",
            "size = 1",
            "state = 'pending'",
            "added_at = now()",
        ):
            with pytest.raises(DatabaseError):
                ask(f"UPDATE measurements_evidence SET {change} WHERE id = %s", kept.pk)
        assert Evidence.objects.get().stored_name == kept.stored_name
    handed_over(april, cast, scope_of)
    with scope_of(cast.vera):
        assert "open submissions" in refused("DELETE FROM measurements_evidence WHERE id = %s", kept.pk)
        withdraw(by=cast.vera, submission=Submission.objects.get(pk=april.pk), now=NOW)
        assert "handed over stays" in refused("DELETE FROM measurements_evidence WHERE id = %s", kept.pk)


@pytest.mark.parametrize(
    "name", ["evidence/{other}/theirs", "evidence/{own}/../{other}/theirs", "theirs", "evidence/{own}/"]
)
@pytest.mark.parametrize("side", ["aldermoor", "vera"])
def test_no_row_names_a_file_outside_its_folder(
    april: Submission, cast: Cast, scope_of: Callable, name: str, side: str
) -> None:
    path = name.format(own=cast.aldermoor.pk, other=cast.brightwater.pk)
    columns = "organisation_id, vendor_id, submission_id, name, description, size, sha256, state, added_by_id, added_by_name, added_at"
    with scope_of(getattr(cast, side)), pytest.raises(DatabaseError, match="evidence_in_its_folder"):
        ask(
            f"INSERT INTO measurements_evidence ({columns}, stored_name) VALUES (%s, %s, %s, 'a', '', 1, '', 'pending', %s, %s, now(), %s)",
            *(april.organisation_id, april.vendor_id, april.pk, cast.vera.pk, cast.vera.name, path),
        )


def test_a_file_that_is_looked_at_is_its_makers(april: Submission, cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        measurements.import_batch(april.contract, by=cast.ravi)
    with scope_of(cast.vera):
        assert "its maker" in refused("DELETE FROM measurements_importbatch")
    with scope_of(cast.ravi):
        assert ask("DELETE FROM measurements_importbatch") == 1


# The client's side ---------------------------------------------------------------------------------------------------


def test_the_clients_people_decide_in_their_own_name_too(april: Submission, cast: Cast, scope_of: Callable) -> None:
    handed_over(april, cast, scope_of)
    forged = "status = 'accepted', decided_at = now(), decided_by_id = {}, decided_by_name = '{}'"
    with scope_of(cast.petra):
        assert "another than the acting member" in refused(
            SUBMISSION.format(forged.format(cast.marco.pk, cast.marco.name)), april.pk
        )
        assert "not the acting member's name" in refused(
            SUBMISSION.format(forged.format(cast.petra.pk, cast.marco.name)), april.pk
        )
        assert "not the acting member's name" in refused(SUBMISSION.format("decided_by_name = 'Marco Reyes'"), april.pk)
        step = f"""INSERT INTO measurements_step (organisation_id, vendor_id, submission_id, reason, kind, by_id, by_name, at)
            VALUES ({april.organisation_id}, {april.vendor_id}, {april.pk}, '', 'accepted', %s, %s, now())"""
        refused(step, cast.marco.pk, cast.marco.name)
        assert ask(step, cast.petra.pk, cast.petra.name) == 1


def test_a_vendor_without_an_acting_member_writes_nothing(april: Submission, cast: Cast, inside: Callable) -> None:
    from_nowhere = type("Side", (), {"organisation_id": cast.aldermoor.pk, "vendor_id": cast.corvid.pk})
    with inside(from_nowhere):
        taken = f"status = 'submitted', submitted_at = now(), submitted_by_id = {cast.vera.pk}, submitted_by_name = '{cast.vera.name}'"
        refused(SUBMISSION.format(taken), april.pk)


def test_who_is_limited_to_some_contracts_writes_no_more(april: Submission, cast: Cast, scope_of: Callable) -> None:
    handed_over(april, cast, scope_of)
    whose = {"organisation_id": cast.aldermoor.pk, "vendor_id": cast.corvid.pk, "actor_id": cast.ravi.pk}
    with open_scope(**whose, contracts=(april.contract_id,)):
        assert "not decide on them" in refused(SUBMISSION.format("status = 'accepted', decided_at = now()"), april.pk)
        assert "open submissions" in refused("UPDATE measurements_figure SET numerator = 100")
        assert "acting member" in refused(SUBMISSION.format(f"decided_by_id = {cast.marco.pk}"), april.pk)


# All of it -----------------------------------------------------------------------------------------------------------


def test_the_ways_of_the_product_are_open(april: Submission, cast: Cast, scope_of: Callable) -> None:
    """What the walls must not stop: reporting by file, handing over, taking back, again."""
    with scope_of(cast.vera):
        contract = april.contract
        april.figures.all().delete()
        level = contract.service_levels.get()
        text = f"service_level,period,numerator,denominator\n{level.code},{april.month:%Y-%m},97,100\n"
        [done] = import_figures(
            by=cast.vera, contract=contract, source=text.encode(), filename="april.csv", submit=True
        )
        assert done.status == Status.SUBMITTED
        assert done.version == Submission.objects.get(pk=done.pk).version
        withdraw(by=cast.vera, submission=done, now=timezone.now())
        submit(by=cast.vera, submission=done, now=timezone.now())
        assert [step.kind for step in done.steps.order_by("pk")] == ["submitted", "withdrawn", "submitted"]
        assert Membership.objects.get(pk=done.submitted_by_id) == cast.vera


def test_the_list_in_the_docs_is_the_catalogues() -> None:
    """docs/row-security.md lists each table that the vendors' role may write, and what; each has its function and its trigger."""
    text = (ROOT / "docs/row-security.md").read_text().partition("## What vendors may write")[2].partition("\n## ")[0]
    cells = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    listed = {table: rights for table, rights, _ in cells}
    granted = {
        table: ", ".join(sorted(set(item.definition.split(", ")) - {"SELECT"}))
        for (kind, table, who), item in row_security.wanted().items()
        if kind == "grant" and who == row_security.role("vendor")
    }
    assert listed == {table: rights for table, rights in granted.items() if rights}
    assert all(what for _, _, what in cells)


@pytest.mark.django_db(databases=["default", "owner"])
def test_every_table_that_vendors_write_has_its_trigger() -> None:
    with connections["owner"].cursor() as cursor:
        there = row_security.current_state(cursor)
        granted = {
            t
            for (kind, t, who), has in there.items()
            if kind == "grant" and who == row_security.role("vendor") and set(has.split(", ")) - {"SELECT"}
        }
    assert granted == {table for kind, table, name in there if kind == "trigger" and name == "vendor_writes"}
    assert len(granted) > 8
