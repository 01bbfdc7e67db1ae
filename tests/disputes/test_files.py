"""Files that come with a dispute, a request for relief, and messages about them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disputes.models import Dispute, HearingEntry, HearingFile, ReliefRequest
from tests.factories import disputes

PDF = b"%PDF-1.7\nlog of the outage"


def upload(name="log.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def disputed(cast, world, client_for, scope_of):
    given = {"ground": "figure", "explanation": "See the log.", "numerator": "95", "denominator": "99"}
    path = f"results/{world.result().pk}/dispute/"
    assert client_for(cast.vera).post(path, given | {"attachments": [upload(), upload("b.pdf")]}).status_code == 302
    with scope_of(cast.aldermoor):
        return Dispute.objects.get()


def test_a_dispute_comes_with_what_shows_it(cast, disputed, client_for, scope_of):
    with scope_of(cast.aldermoor):
        log = HearingFile.objects.get(name="log.pdf")
        assert (log.entry.kind, log.entry.dispute_id) == ("asked", disputed.pk)
    for who in (cast.vera, cast.marco, cast.olu):
        client = client_for(who)
        assert "log.pdf" in text(client.get(f"disputes/{disputed.pk}/"))
        assert b"".join(client.get(f"disputes/files/{log.pk}/").streaming_content) == PDF
    for outsider in (cast.hana, cast.otto):
        assert client_for(outsider).get(f"disputes/files/{log.pk}/").status_code == 404


def test_both_sides_add_files_to_their_messages(cast, disputed, client_for, scope_of):
    for who, name in ((cast.marco, "count.pdf"), (cast.vera, "answer.pdf")):
        given = {"text": "Look.", "attachments": upload(name)}
        assert client_for(who).post(f"disputes/{disputed.pk}/say/", given).status_code == 302
    page = text(client_for(cast.vera).get(f"disputes/{disputed.pk}/"))
    assert "count.pdf" in page and "answer.pdf" in page
    given = {"text": "And this.", "attachments": upload("x.pdf", b"<html>")}
    answer = client_for(cast.vera).post(f"disputes/{disputed.pk}/say/", given)
    assert answer.status_code == 422 and "x.pdf does not hold what its ending says." in text(answer)
    assert "And this." in text(answer)
    with scope_of(cast.aldermoor):
        assert HearingEntry.objects.filter(kind="message").count() == 2 and HearingFile.objects.count() == 4


def test_relief_is_asked_for_with_what_shows_it(cast, world, client_for, scope_of):
    vera, path = client_for(cast.vera), f"relief/ask/{world.level.pk}/{world.april.pk}/"
    given = {"amount": "6", "ground": "client", "explanation": "No power."}
    answer = vera.post(path, given | {"attachments": upload("a.exe")})
    assert answer.status_code == 422 and "a.exe is of a kind that is not taken" in text(answer)
    assert vera.post(path, given | {"attachments": upload()}).status_code == 302
    with scope_of(cast.aldermoor):
        asked = ReliefRequest.objects.get()
        assert HearingFile.objects.get().entry.relief_request_id == asked.pk
    assert "log.pdf" in text(client_for(cast.marco).get(f"relief/{asked.pk}/"))


def test_the_page_asks_as_much_for_three_files_as_for_one(cast, disputed, client_for, scope_of):
    marco = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as asked:
            assert marco.get(f"disputes/{disputed.pk}/").status_code == 200
        return len(asked)

    statements()
    one = statements()
    with scope_of(cast.aldermoor):
        for _ in range(3):
            disputes.hearing_file(disputes.entry(disputed, cast.vera))
    assert statements() == one
