"""How long evidence is kept: as long as the organisation says, and for ever where it says nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config import tasks
from files.actions import expire_files, purge_orphans
from measurements.actions import accept, attach, submit
from measurements.models import Evidence
from tests.factories import contracts, measurements, organisations, slas

ADDED = datetime(2024, 5, 7, 12, tzinfo=UTC)
THREE_YEARS = ADDED + timedelta(days=3 * 366)


@pytest.fixture
def evidence(cast, scope_of, tmp_path, settings):
    """A file of accepted figures, and one of figures in preparation, added on the same day."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        months = [period.month for period in contracts.periods(contract, count=2)]
        level = slas.service_level(contract)
        slas.terms(level)
        drafts = [measurements.submission(contract, month) for month in months]
        for draft, period in zip(drafts, contract.periods.order_by("month"), strict=True):
            measurements.figure(draft, level, period)
    with scope_of(cast.vera):
        files = [
            attach(by=cast.vera, submission=draft, files=[ContentFile(b"%PDF-1.7", "proof.pdf")], now=ADDED)[0]
            for draft in drafts
        ]
        submit(by=cast.vera, submission=drafts[0], now=ADDED)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=drafts[0], now=ADDED)
    return files


def states(cast, scope_of):
    with scope_of(cast.aldermoor):
        return list(Evidence.objects.order_by("pk").values_list("state", flat=True))


def expire(cast, scope_of, years, now, commit):
    with commit(execute=True), scope_of(cast.aldermoor):
        return expire_files(years=years, now=now)


def test_it_goes_when_its_time_is_up_and_only_that_of_decided_figures(
    cast, scope_of, evidence, django_capture_on_commit_callbacks
):
    commit = django_capture_on_commit_callbacks
    assert expire(cast, scope_of, None, THREE_YEARS + timedelta(days=9999), commit) == 0
    assert expire(cast, scope_of, 3, THREE_YEARS, commit) == 0
    assert states(cast, scope_of) == ["stored", "stored"]
    assert expire(cast, scope_of, 3, THREE_YEARS + timedelta(seconds=1), commit) == 1
    assert states(cast, scope_of) == ["expired", "stored"]
    assert [default_storage.exists(one.stored_name) for one in evidence] == [False, True]
    assert expire(cast, scope_of, 3, THREE_YEARS + timedelta(days=1), commit) == 0


def test_name_and_checksum_stay_on_the_page_without_a_way_to_the_file(
    cast, scope_of, client_for, evidence, django_capture_on_commit_callbacks
):
    expire(cast, scope_of, 3, THREE_YEARS + timedelta(days=1), django_capture_on_commit_callbacks)
    client, gone = client_for(cast.marco), evidence[0]
    page = client.get(f"submissions/{gone.submission_id}/").content.decode()
    assert "proof.pdf" in page and "Removed after its time" in page and f"/evidence/{gone.pk}/" not in page
    assert client.get(f"evidence/{gone.pk}/").status_code == 410


def test_a_file_that_could_not_be_removed_is_swept_later(cast, scope_of, evidence):
    with scope_of(cast.aldermoor):
        Evidence.objects.filter(pk=evidence[0].pk).update(state="expired")
        later = datetime.now(UTC) + timedelta(days=2)
        assert purge_orphans(now=later) == 1
    assert [default_storage.exists(one.stored_name) for one in evidence] == [False, True]


def test_the_night_does_what_the_settings_say(cast, scope_of, evidence):
    tasks.forget_old(cast.aldermoor.pk)
    assert states(cast, scope_of) == ["stored", "stored"]
    with scope_of(cast.ada):
        organisations.settings(keep_evidence_years=2)
        Evidence.objects.update(added_at=datetime(2019, 1, 1, tzinfo=UTC))
    tasks.forget_old(cast.brightwater.pk)
    assert states(cast, scope_of) == ["stored", "stored"]
    tasks.forget_old(cast.aldermoor.pk)
    assert states(cast, scope_of) == ["expired", "stored"]
