"""Old entries go where the organisation says so, and what is left is verified as before."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from audit import actions, verify_trail
from audit.actions import retention, seals
from audit.models import Checkpoint, Entry, Seal, VendorSeal
from organisations.models import Membership
from organisations.scope import open_scope
from tests.audit.test_seal import tamper
from tests.audit.test_views import ROOT
from tests.cast import assemble
from tests.factories import organisations as make

LONG_AGO = timedelta(days=3 * 366)


@pytest.fixture
def old(committed):
    """Aldermoor's first entries are three years old and sealed; two more are of today."""
    cast = assemble()
    now = timezone.now()
    tamper("UPDATE audit_entry SET at = at - interval '3 years 10 days'")
    with open_scope(organisation_id=cast.aldermoor.pk):
        actions.seal(now=now - LONG_AGO)
        Membership.objects.filter(pk=cast.ravi.pk).update(name="Ravi M")
        Membership.objects.filter(pk=cast.marco.pk).update(name="Marco B")
        actions.seal(now=now)
    yield cast
    connections.close_all()


def forget(cast, years, **settings):
    with open_scope(organisation_id=cast.aldermoor.pk):
        make.settings(keep_trail_years=years, **settings)
        actions.seal(now=timezone.now())
        return actions.forget_entries(years=years, now=timezone.now())


def test_what_is_kept_for_ever_stays(old):
    with open_scope(organisation_id=old.aldermoor.pk):
        before = Entry.objects.count()
        assert actions.forget_entries(years=None, now=timezone.now()) == 0
        assert Entry.objects.count() == before and not Checkpoint.objects.exists()
    assert forget(old, 4) == 0


def test_old_entries_go_and_the_rest_is_verified(old, client_for, tmp_path):
    with open_scope(organisation_id=old.aldermoor.pk):
        first = Seal.objects.earliest("pk")
    with open_scope(organisation_id=old.brightwater.pk):
        others = Entry.objects.count()
    assert forget(old, 2) == first.entries
    assert forget(old, 2) == 0
    with open_scope(organisation_id=old.aldermoor.pk):
        assert Entry.objects.filter(pk__lte=first.last_entry).count() == 0
        assert Entry.objects.filter(difference__name=["Ravi Menon", "Ravi M"]).exists()
        assert actions.verify() == []
        stands = actions.checkpoint_in_scope()
        assert (stands.last_entry, stands.hash) == (first.last_entry, first.hash)
        kept = actions.last_hash()
    with open_scope(organisation_id=old.brightwater.pk):
        assert Entry.objects.count() == others
    with open_scope(organisation_id=old.aldermoor.pk, vendor_id=old.corvid.pk):
        assert actions.verify() == [] and Entry.objects.count() == 1
    for member in (old.ada, old.vera):
        text = client_for(member).get("trail/export.jsonl").content.decode()
        assert text.startswith('{"checkpoint"')
        assert verify_trail.check(text.splitlines()) == []
    file = tmp_path / "trail.jsonl"
    file.write_text(client_for(old.ada).get("trail/export.jsonl").content.decode())
    command = [sys.executable, "-I", str(ROOT / "audit/verify_trail.py"), str(file)]
    for known in (first.hash, kept):  # from an export before the entries went, and from today
        assert subprocess.run([*command, known], check=False).returncode == 0
    assert subprocess.run([*command, "0" * 64], check=False).returncode == 1
    assert "kept no longer" in client_for(old.ada).get("trail/").content.decode()


def test_a_night_takes_whole_stretches_the_oldest_first(committed, monkeypatch):
    cast = assemble()
    with open_scope(organisation_id=cast.aldermoor.pk):
        make.settings(keep_trail_years=2)
    tamper("UPDATE audit_entry SET at = at - interval '3 years 10 days'")
    monkeypatch.setattr(seals, "BATCH_SIZE", 3)
    now = timezone.now()
    with open_scope(organisation_id=cast.aldermoor.pk):
        while actions.seal(now=now - LONG_AGO):
            pass
        stretches = list(Seal.objects.order_by("last_entry"))
        for most, gone, last in ((8, 6, stretches[1]), (1, 3, stretches[2])):  # at least one, however long it is
            monkeypatch.setattr(retention, "A_NIGHT", most)
            assert actions.forget_entries(years=2, now=now) == gone
            assert actions.checkpoint_in_scope().last_entry == last.last_entry
            assert not Entry.objects.filter(pk__lte=last.last_entry).exists()
            assert actions.verify() == []
        assert Entry.objects.filter(pk=stretches[3].first_entry).exists()
        kept = Checkpoint.objects.exclude(concerned_vendor_id=None)
        for one in kept:
            assert (
                VendorSeal.objects.get(concerned_vendor_id=one.concerned_vendor_id, last_entry=one.last_entry).hash
                == one.hash
            )
        assert kept.exists()


def test_the_database_removes_only_what_is_not_kept(old):
    """Whoever writes a checkpoint that the settings do not allow, or that stands at no seal, removes nothing."""
    now = timezone.now()
    with open_scope(organisation_id=old.aldermoor.pk):
        first, second = Seal.objects.order_by("pk")
        count = Entry.objects.count()

    def checkpoint(last_entry, hash_, vendor=None):
        with open_scope(organisation_id=old.aldermoor.pk), transaction.atomic():
            Checkpoint.objects.create(
                concerned_vendor_id=vendor, last_entry=last_entry, hash=hash_, made_at=now, signature="x"
            )

    with pytest.raises(DatabaseError, match="keeps these entries"):
        checkpoint(first.last_entry, first.hash)  # nothing is said in the settings
    with open_scope(organisation_id=old.aldermoor.pk):
        make.settings(keep_trail_years=2)
    with pytest.raises(DatabaseError, match="keeps these entries"):
        checkpoint(second.last_entry, second.hash)
    with pytest.raises(DatabaseError, match="stands at a seal"):
        checkpoint(first.last_entry, "0" * 64)
    with pytest.raises(DatabaseError, match="follows that of the organisation"):
        checkpoint(first.last_entry, first.hash, vendor=old.corvid.pk)
    for member in (old.ada, old.vera):
        scope = open_scope(organisation_id=old.aldermoor.pk, vendor_id=member.vendor_id, actor_id=member.pk)
        with scope, pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Entry.objects.all().delete()
    with open_scope(organisation_id=old.aldermoor.pk):
        assert Entry.objects.filter(pk__lte=second.last_entry).count() == count


def test_a_checkpoint_that_is_not_ours_is_seen(old):
    forget(old, 2)
    ours = f"(SELECT min(id) FROM audit_entry WHERE organisation_id = {old.aldermoor.pk})"
    tamper(f"DELETE FROM audit_entry WHERE id = {ours}")
    with open_scope(organisation_id=old.aldermoor.pk):
        assert any("are there" in said for said in actions.verify())
        newest = Seal.objects.latest("pk")
    # Somebody who has the database alone hides it behind a checkpoint: without the key there is no signature.
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_checkpoint DISABLE TRIGGER audit_forget")
        cursor.execute(
            "INSERT INTO audit_checkpoint (organisation_id, last_entry, hash, made_at, signature) VALUES (%s, %s, %s, now(), %s)",
            [old.aldermoor.pk, newest.last_entry, "1" * 64, "0" * 64],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_checkpoint ENABLE TRIGGER audit_forget")
    with open_scope(organisation_id=old.aldermoor.pk):
        found = actions.verify()
        for wrong in ("bears no signature of ours", "is of no seal"):
            assert any(f"{newest.last_entry} {wrong}" in said for said in found), found


def test_a_new_key_signs_the_checkpoints_again(old, settings):
    forget(old, 2)
    first = settings.ENCRYPTION_KEYS[0]
    second = "c2Vjb25kIGtleSBvZiAzMiBieXRlcyBmb3IgdGVzdHM="
    settings.ENCRYPTION_KEYS = [second, first]
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = [second]
    with open_scope(organisation_id=old.aldermoor.pk):
        assert actions.verify() == []
