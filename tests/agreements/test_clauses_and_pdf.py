"""The clause text of a version, generated and written, and the agreed version as PDF with names, times and checksum."""

import io

import pytest
from pypdf import PdfReader

from agreements.actions import approve, consent, counter_propose, put_in_force, save_clause, save_draft, submit
from agreements.drafting.clauses import generated
from agreements.models import Revision, RevisionEdition
from agreements.proposals import as_stored
from lib.errors import Conflict, RuleBroken
from tests.agreements.revised import JUNE, file_with

OWN = "The supplier answers nine hundred and seventy of a thousand calls in time."


def root(cast, revision):
    return f"/o/{cast.aldermoor.slug}/revisions/{revision.pk}"


def written(cast, acting, draft, version=2):
    return acting(cast.petra, save_clause, revision=draft, version=version, code="SL-01", text=OWN)


def test_a_text_is_kept_with_the_edition_and_marked_against_the_other(client_for, cast, scope_of, acting, draft):
    client, page = client_for(cast.petra), f"{root(cast, draft)}/clauses/"
    html = client.get(page).content.decode()
    assert "at least 97%" in html and "generated from the terms" in html
    assert client.post(page, {"version": "2", "code": "SL-01", "text": OWN}).status_code == 302
    assert "written by hand" in client.get(page).content.decode()
    late = client.post(page, {"version": "2", "code": "SL-01", "text": "Another."})
    assert late.status_code == 409 and "Another." in late.content.decode()
    acting(cast.petra, submit, revision=draft, version=3)
    with scope_of(cast.petra):
        edition = RevisionEdition.objects.get()
        assert edition.clauses["SL-01"] == OWN
        assert set(edition.clauses) == {level.code for level in as_stored(edition.document).service_levels}
    redline = client.get(f"{root(cast, draft)}/redline/?a=before&b=1").content.decode()
    assert "<ins>" in redline and "supplier" in redline and "<del>" in redline


def test_a_text_that_its_terms_have_overtaken_says_so_and_an_empty_one_goes_back(
    client_for, cast, scope_of, acting, draft, live
):
    written(cast, acting, draft)
    with scope_of(cast.petra):
        other = file_with(live, target=98)
    acting(cast.petra, save_draft, revision=draft, version=3, document=other)
    client, page = client_for(cast.petra), f"{root(cast, draft)}/clauses/"
    html = client.get(page).content.decode()
    assert "have changed since this was written" in html and "at least 98%" in html and OWN in html
    assert client.post(page, {"version": "4", "code": "SL-01", "text": ""}).status_code == 302
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        assert draft.draft.clauses == {}
    with pytest.raises(RuleBroken, match="no such service level"):
        acting(cast.petra, save_clause, revision=draft, version=5, code="SL-99", text=OWN)
    with pytest.raises(Conflict):
        acting(cast.petra, save_clause, revision=draft, version=4, code="SL-01", text=OWN)


def test_what_the_vendor_proposes_keeps_the_texts_of_terms_that_stay(cast, scope_of, acting, draft, live):
    written(cast, acting, draft)
    acting(cast.petra, submit, revision=draft, version=3)
    acting(cast.marco, approve, revision=draft, edition=1)
    with scope_of(cast.petra):
        theirs = file_with(live, target=96)
    acting(cast.vera, counter_propose, revision=draft, edition=1, document=theirs, reason="Half of that.")
    with scope_of(cast.petra):
        edition = RevisionEdition.objects.get(number=2)
        assert edition.clauses == generated(as_stored(edition.document)) and OWN not in edition.clauses.values()


def words_of(answer):
    assert answer["content-type"] == "application/pdf"
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())


def test_the_agreed_version_as_pdf_names_both_sides_times_and_the_checksum(client_for, cast, scope_of, acting, draft):
    written(cast, acting, draft)
    assert client_for(cast.petra).get(f"{root(cast, draft)}/agreement.pdf").status_code == 404
    acting(cast.petra, submit, revision=draft, version=3)
    assert client_for(cast.vera).get(f"{root(cast, draft)}/agreement.pdf").status_code == 404
    acting(cast.marco, approve, revision=draft, edition=1)
    proposed = words_of(client_for(cast.vera).get(f"{root(cast, draft)}/agreement.pdf"))
    assert "not agreed yet" in proposed and "Consented" not in proposed
    acting(cast.vera, consent, revision=draft, edition=1)
    with scope_of(cast.petra):
        put_in_force(now=JUNE)
        checksum = RevisionEdition.objects.get().checksum
        assert Revision.objects.get(pk=draft.pk).status == "consented"
    for member in (cast.petra, cast.vera):
        answer = client_for(member).get(f"{root(cast, draft)}/agreement.pdf?edition=1")
        words = words_of(answer)
        for said in (
            "As agreed",
            "Higher target",
            cast.marco.name,
            cast.vera.name,
            cast.corvid.name,
            cast.aldermoor.name,
        ):
            assert said in words, said
        assert checksum in words.replace(" ", "") and OWN in words and "at least 97%" in words
        assert "10 Jun 2024, 10:00 BST" in words and "Signature" in words
        assert client_for(member).get(f"{root(cast, draft)}/agreement.pdf?edition=1").content == answer.content
    assert client_for(cast.hana).get(f"{root(cast, draft)}/agreement.pdf").status_code == 404
