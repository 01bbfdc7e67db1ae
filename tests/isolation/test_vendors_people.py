"""What the role of vendors may write of people, keys and notices, asked by SQL alone."""

from collections.abc import Callable
from datetime import UTC, datetime

from measurements.models import Submission
from notifications.models import Notification
from organisations.models import ApiKey, Invitation
from tests.cast import Cast
from tests.factories import contracts, notifications, organisations
from tests.isolation.by_sql import ask, refused

NOW = datetime(2024, 5, 8, 9, 0, tzinfo=UTC)


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
