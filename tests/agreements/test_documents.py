"""Documents of a revision: attached to a draft, kept from the edition on that is submitted with them, shared when it is sent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.actions import approve, reopen, submit, withdraw
from agreements.models import RevisionFile

PDF = b"%PDF-1.7\nannex"


def upload(name="annex.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def attached(cast, draft, client_for, scope_of):
    given = {"attachments": [upload(), upload("plan.pdf")], "description": "Annex 3, signed by both"}
    assert client_for(cast.petra).post(f"revisions/{draft.pk}/documents/", given).status_code == 302
    with scope_of(cast.petra):
        return list(RevisionFile.objects.order_by("pk"))


def content(client, row):
    answer = client.get(f"revisions/documents/{row.pk}/")
    return b"".join(answer.streaming_content) if answer.status_code == 200 else answer.status_code


def test_several_are_attached_with_what_they_are_and_their_checksum(cast, draft, attached, client_for):
    page = client_for(cast.petra).get(f"revisions/{draft.pk}/reason/").content.decode()
    for said in ("annex.pdf", "plan.pdf", "Annex 3, signed by both", attached[0].sha256, "Not scanned for viruses"):
        assert said in page, said
    assert content(client_for(cast.marco), attached[0]) == PDF
    for outsider in (cast.vera, cast.hana):  # nobody was asked yet
        assert content(client_for(outsider), attached[0]) == 404


def test_what_is_not_taken_is_said_and_nothing_is_kept(cast, draft, client_for, scope_of):
    petra, path = client_for(cast.petra), f"revisions/{draft.pk}/documents/"
    for given in (
        {"attachments": upload("annex.pdf", b"<html>"), "description": "Annex 3"},
        {"description": "Annex 3"},
    ):
        answer = petra.post(path, given)
        assert answer.status_code == 422 and "Annex 3" in answer.content.decode()
    for member in (cast.marco, cast.vera):
        assert client_for(member).post(path, {"attachments": upload()}).status_code == 403
    with scope_of(cast.petra):
        assert not RevisionFile.objects.exists()


def test_the_vendor_has_them_once_it_is_asked_and_they_stay_with_the_edition(
    cast, draft, attached, acting, client_for, scope_of
):
    petra, annex = client_for(cast.petra), attached[0]
    assert petra.post(f"revisions/documents/{attached[1].pk}/remove/").status_code == 302
    acting(cast.petra, submit, revision=draft, version=2)
    assert petra.post(f"revisions/{draft.pk}/documents/", {"attachments": upload()}).status_code == 409
    assert petra.post(f"revisions/documents/{annex.pk}/remove/").status_code == 409
    assert content(client_for(cast.vera), annex) == 404
    assert "annex.pdf" in client_for(cast.marco).get(f"revisions/{draft.pk}/approval/").content.decode()
    acting(cast.marco, approve, revision=draft, edition=1)
    vera = client_for(cast.vera)
    assert content(vera, annex) == PDF
    assert "annex.pdf" in vera.get(f"revisions/{draft.pk}/consent/").content.decode()
    acting(cast.petra, reopen, revision=draft)
    answer = petra.post(f"revisions/documents/{annex.pk}/remove/")  # it stays with what was submitted
    assert answer.status_code == 422 and "submitted with edition 1" in answer.content.decode()
    assert petra.post(f"revisions/{draft.pk}/documents/", {"attachments": upload("more.pdf")}).status_code == 302
    with scope_of(cast.petra):
        more = RevisionFile.objects.get(name="more.pdf")
        assert (more.edition, more.shared) == (2, False)
    assert content(vera, more) == 404 and "more.pdf" not in vera.get(f"revisions/{draft.pk}/consent/").content.decode()
    acting(cast.petra, withdraw, revision=draft, reason="Another time.")
    assert content(vera, annex) == PDF
