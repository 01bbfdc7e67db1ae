"""What the role of vendors may write, asked by SQL alone, as if a vendor's people had found a way round the application.

Row security says whose rows; this says what of them: work that is open, in one's own name.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from measurements.actions import import_figures, submit, withdraw
from measurements.models import Evidence, Figure, Step, Submission
from measurements.rules import Status, StepKind
from notifications.models import Notification
from organisations import row_security
from organisations.models import ApiKey, Invitation, Membership
from organisations.scope import open_scope
from tests.architecture.sources import ROOT
from tests.cast import Cast
from tests.factories import contracts, measurements, notifications, organisations, slas

NOW = datetime(2024, 5, 8, 9, 0, tzinfo=UTC)


def ask(sql: str, *values: Any) -> int:
    """Rows that were written."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(sql: str, *values: Any) -> str:
    with pytest.raises(DatabaseError) as refusal:
        ask(sql, *values)
    assert refusal.value.__cause__.pgcode == "42501", refusal.value  # type: ignore[union-attr]
    return str(refusal.value)


@pytest.fixture
def april(cast: Cast, scope_of: Callable) -> Any:
    """A contract of Corvid's with one service level, its first period, and a draft of its month with a figure in it."""
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        period = contracts.periods(contract, count=1)[0]
        level = slas.service_level(contract)
        slas.terms(level)
        draft = measurements.submission(contract, period.month, by_vendor=True)
        measurements.figure(draft, level, period)
    return draft


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


# People, keys, notices -----------------------------------------------------------------------------------------------


def test_notifications_are_marked_by_whose_they_are(cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        event = notifications.event(cast.corvid)
        for member in (cast.vera, cast.ravi):
            notifications.notification(event, member)
    update = "UPDATE notifications_notification SET {} WHERE member_id = %s"
    with scope_of(cast.vera):
        assert "their own" in refused(update.format("read_at = now()"), cast.ravi.pk)
        for change in ("sent_at = now()", "mail_id = gen_random_uuid()", "given_up_at = now()", "last_error = 'x'"):
            assert "their own" in refused(update.format(change), cast.vera.pk)
        assert ask(update.format("read_at = now()"), cast.vera.pk) == 1
        assert Notification.objects.filter(read_at=None).get().member == cast.ravi


def test_no_place_and_no_key_beyond_ones_own(cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        key = organisations.api_key(cast.vera)
    member = f"""INSERT INTO organisations_membership
        (organisation_id, vendor_id, user_id, role, name, email, is_active, version, created_at)
        VALUES ({cast.aldermoor.pk}, {cast.corvid.pk}, %s, %s, 'Robot', '', true, 1, now())"""
    insert = f"""INSERT INTO organisations_apikey (organisation_id, vendor_id, member_id, owner_id, name, scope, prefix, secret_hash,
        expires_at, created_at) VALUES ({cast.aldermoor.pk}, {cast.corvid.pk}, %s, %s, 'Robot', %s, 'robot', '', now(), now())"""
    with scope_of(cast.ravi):
        assert "keys only" in refused(member, cast.otto.user_id, cast.ravi.role)
        assert "in the role of" in refused(member, None, cast.vera.role)
        assert "acting member's" in refused(insert, key.member_id, cast.vera.pk, "manage")  # the manager's, for oneself
        assert "acting member's" in refused(insert, cast.vera.pk, cast.ravi.pk, "report")  # a key that acts as a person
    with scope_of(cast.vera):
        for change in (
            "scope = 'manage'",
            "secret_hash = repeat('1', 64)",
            f"owner_id = {cast.ravi.pk}",
            "expires_at = expires_at + interval '1 day'",
        ):
            assert "nothing else of it" in refused(f"UPDATE organisations_apikey SET {change} WHERE id = %s", key.pk)
        assert ask("UPDATE organisations_apikey SET revoked_at = now() WHERE id = %s", key.pk) == 1
        assert "nothing else of it" in refused(
            "UPDATE organisations_apikey SET revoked_at = NULL WHERE id = %s", key.pk
        )
        assert ApiKey.objects.get(pk=key.pk).revoked_at


def test_invitations_are_sent_in_ones_own_name_and_not_accepted(cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        sent = organisations.invitation("nora@example.test", cast.corvid)
    insert = f"""INSERT INTO organisations_invitation (organisation_id, vendor_id, role, email, note, status, edition, invited_by_id,
        invited_by_name, created_at, expires_at)
        VALUES ({cast.aldermoor.pk}, {cast.corvid.pk}, %s, 'x@example.test', '', %s, 1, %s, %s, now(), now())"""
    with scope_of(cast.vera):
        refused(insert, "vendor_reporter", "open", cast.marco.pk, cast.marco.name)
        refused(insert, "vendor_reporter", "open", cast.ravi.pk, cast.ravi.name)
        refused(insert, "vendor_reporter", "accepted", cast.vera.pk, cast.vera.name)
        for change in (
            f"status = 'accepted', member_id = {cast.vera.pk}",
            "email = 'mine@example.test'",
            "role = 'vendor_manager'",
        ):
            assert "nothing else of it" in refused(
                f"UPDATE organisations_invitation SET {change} WHERE id = %s", sent.pk
            )
        assert Invitation.objects.get().status == "open"


def test_who_is_in_charge_for_the_client_is_the_clients(april: Submission, cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        manager = contracts.owner(april.contract, cast.marco, duty="account_manager")
        contact = contracts.owner(april.contract, cast.ravi, duty="vendor_contact")
    with scope_of(cast.vera):
        for sql in (
            "UPDATE contracts_owner SET ends_on = starts_on WHERE id = %s",
            "UPDATE contracts_owner SET duty = 'procurement' WHERE id = %s",
            "DELETE FROM contracts_owner WHERE id = %s",
        ):
            assert "its own contact" in refused(sql, manager.pk)
        for change in ("duty = 'procurement'", f"member_id = {cast.marco.pk}", "name = 'Marco Reyes'"):
            assert "its own contact" in refused(f"UPDATE contracts_owner SET {change} WHERE id = %s", contact.pk)
        assert ask("UPDATE contracts_owner SET ends_on = starts_on WHERE id = %s", contact.pk) == 1


def test_presence_and_calls_are_ones_own(cast: Cast, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        organisations.presence(cast.ravi)
        key = organisations.api_key(cast.ravi)
    with scope_of(cast.vera):
        assert "own presence" in refused(
            "UPDATE organisations_presence SET seen_at = now() WHERE member_id = %s", cast.ravi.pk
        )
        assert "own calls" in refused("UPDATE organisations_apiuse SET calls = 0 WHERE member_id = %s", key.member_id)


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
