"""What a contract says and hardly means: found when it comes in, kept with it, shown; and files that are no contract."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from config.tasks import look_again
from contracts.models import Contract
from slas.actions import import_contract
from tests.cast import Cast
from tests.markup import tight
from tests.slas.contract_texts import document, level, text

GB = "(for one, 2024-04-01, Easter Monday, differs in GB-ENG); write GB-ENG, GB-NIR, GB-SCT or GB-WLS"


def in_britain() -> str:
    return text(document(contract=document()["contract"] | {"calendar": {"holidays": "GB"}}))


@pytest.fixture
def enter(cast: Cast, scope_of: Callable) -> Callable[[str], Contract]:
    def made(source: str) -> Contract:
        with scope_of(cast.aldermoor):
            return import_contract(by=None, source=source)

    return made


def test_findings_are_looked_for_when_a_contract_is_written_and_not_when_it_is_shown(
    enter: Callable, cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    contract = enter(text(document(service_levels=[level(kras={"REL": 50})])))
    path, marco = f"contracts/{contract.pk}/", client_for(cast.marco)
    with scope_of(cast.aldermoor):
        Contract.objects.update(findings=[{"path": "kras", "message": "As it was found then"}])
    assert "As it was found then" in tight(marco.get(path).content.decode())
    with scope_of(cast.aldermoor):
        Contract.objects.update(findings=None)
    assert "Worth a look" not in marco.get(path).content.decode()
    look_again(cast.aldermoor.pk)
    assert "add up to 50 from 2024-04-01 on" in tight(marco.get(path).content.decode())


def test_what_fits_no_file_of_today_keeps_no_other_contract_from_its_findings(
    enter: Callable, cast: Cast, scope_of: Callable
) -> None:
    part = document()["contract"]
    wider, other = (enter(text(document(contract=part | {"reference": name}))) for name in ("A-1", "A-2"))
    with scope_of(cast.aldermoor):
        Contract.objects.update(findings=None)
        Contract.objects.filter(pk=wider.pk).update(document=wider.document | {"colour": "red"})
    look_again(cast.aldermoor.pk)
    with scope_of(cast.aldermoor):
        found = dict(Contract.objects.values_list("reference", "findings"))
    assert found == {"A-1": [], "A-2": other.findings} and other.findings


def test_a_country_without_its_subdivision_is_a_finding_at_import_and_on_the_contracts_page(
    enter: Callable, cast: Cast, client_for: Callable
) -> None:
    looked_at = client_for(cast.petra).post("contracts/import/", {"source": in_britain()})
    assert GB in tight(looked_at.content.decode())
    contract = enter(in_britain())
    page = client_for(cast.marco).get(f"contracts/{contract.pk}/")
    assert GB in tight(page.content.decode())


def test_what_an_amendment_puts_right_is_found_no_more(enter: Callable) -> None:
    contract = enter(text(document(service_levels=[level(kras={"REL": 50})])))
    assert [one["path"] for one in contract.findings] == ["kras", "kras[0]", "contract.report_due"]
    more = level("SL-03", kras={"REL": 50})
    amended = enter(text(document(service_levels=[level(kras={"REL": 50}), more])))
    assert [one["path"] for one in amended.findings] == ["kras", "contract.report_due", "kras[0]"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"PK\x03\x04" + b"word/document.xml" + bytes(2_000_000),
            "this is a Word document; a contract file is YAML or JSON",
        ),
        (b"%PDF-1.7", "this is a PDF"),
        ("title: Caf\u00e9".encode("latin-1"), "line 1, column 11: the file is not UTF-8"),
        (b"a: " + b"x" * 1_000_000, "at most 1,000,000 are read"),
    ],
)
def test_a_file_that_is_no_contract_is_refused_where_it_is_chosen(
    content: bytes, words: str, cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    answer = client_for(cast.petra).post("contracts/import/", {"file": SimpleUploadedFile("contract.yaml", content)})
    assert answer.status_code == 422
    assert words in tight(answer.content.decode())
    with scope_of(cast.aldermoor):
        assert not Contract.objects.exists()
