"""What lies in the database about accounts: seeds encrypted, every change in a trail, and no secret in it."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit.models import AccountEntry, Entry
from notifications.actions import write_account_letter
from notifications.models import AccountLetter
from organisations.models import Membership
from tests.cast import Cast
from tests.signing_in.conftest import sign_in


def stored(user: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator WHERE user_id = %s", [user.pk])
        return str(cursor.fetchone()[0])


def test_seeds_are_not_readable_and_outlive_a_change_of_key(person: Callable, settings: Any) -> None:
    marco = person("marco")
    secret = generate_totp_secret()
    TOTP.activate(marco, secret)
    codes = RecoveryCodes.activate(marco).generate_codes()
    write_account_letter(to=marco.email, subject="Hello", body="a link")
    before = stored(marco)
    assert secret not in before
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    call_command("rotate_keys")
    assert stored(marco) != before
    settings.ENCRYPTION_KEYS = [new]
    app, recovery = Authenticator.objects.filter(user=marco).order_by("-type")
    assert app.wrap().instance.data["secret"] != secret
    assert recovery.wrap().generate_codes() == codes
    settings.ENCRYPTION_KEYS = [old]
    with pytest.raises(CommandError, match="None of ENCRYPTION_KEYS opens this"):
        call_command("rotate_keys")


def test_a_letter_that_waits_is_not_readable(person: Callable) -> None:
    write_account_letter(to=person("marco").email, subject="Hello", body="https://plumbline.example/secret-link")
    assert "secret-link" not in AccountLetter.objects.get().body


def test_changes_of_people_addresses_and_second_factors_are_in_a_trail_without_secrets(person: Callable) -> None:
    marco = person("marco")
    TOTP.activate(marco, generate_totp_secret())
    marco.name = "Marco B."
    marco.set_password("another-password-of-his")
    marco.save()
    EmailAddress.objects.filter(user=marco).update(verified=False)
    Authenticator.objects.filter(user=marco).delete()
    found = (
        AccountEntry.objects.filter(user_id=marco.pk)
        .order_by("pk")
        .values_list("table_name", "operation", "difference")
    )
    entries = {(table, operation): difference for table, operation, difference in found}
    assert entries["organisations_user", "UPDATE"]["name"] == ["Marco Bellini", "Marco B."]
    assert entries["organisations_user", "UPDATE"]["password"] == ["hidden", "hidden"]
    assert entries["account_emailaddress", "UPDATE"] == {"verified": [True, False]}
    assert entries["mfa_authenticator", "INSERT"]["data"] == ["hidden", "hidden"]
    assert ("mfa_authenticator", "DELETE") in entries


@pytest.mark.parametrize("sql", ["UPDATE audit_accountentry SET user_id = 0", "DELETE FROM audit_accountentry"])
def test_that_trail_is_append_only(person: Callable, sql: str) -> None:
    person("marco")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_letters_follow_a_new_primary_address(
    cast: Cast, person: Callable, browser_at: Callable, scope_of: Callable
) -> None:
    """Every organisation that knew the person by the old one writes to the new one; it is in each one's trail."""
    vera, browser = person("vera"), browser_at()
    EmailAddress.objects.create(user=vera, email="vera@new.example.test", verified=True, primary=False)
    sign_in(browser, vera)
    answer = browser.post("/account/email/", {"email": "vera@new.example.test", "action_primary": ""})
    assert answer.status_code == 302
    for member in (cast.vera, cast.vera_at_brightwater):
        with scope_of(member.organisation):
            row = Membership.objects.get(pk=member.pk)
            assert (row.email, row.version) == ("vera@new.example.test", 2)
            changed = Entry.objects.filter(table_name="organisations_membership", row_id=member.pk).latest("pk")
            assert changed.difference["email"] == ["vera@example.test", "vera@new.example.test"]
