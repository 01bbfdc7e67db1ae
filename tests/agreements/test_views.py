"""Contracts and service levels as pages; a contract that comes in by file."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.views import contracts
from contracts.models import Contract
from organisations.models import Vendor
from slas.actions import contract_changes, import_contract
from slas.models import ServiceLevel, Terms
from tests.cast import Cast
from tests.markup import tight
from tests.slas.contract_texts import BANDS, document, level, terms, text

CREDITS = {
    "point": {"percent_of": "charges", "value": "0.5"},
    "caps": [{"percent_of": "charges", "value": "10", "over": "month"}],
    "earn_back": {"after": 3},
}
RULES = [
    {"name": "Chronic", "over": "service_level", "count": "consecutive_defaults", "at_least": 3, "then": "escalate"}
]


@pytest.fixture(autouse=True)
def may_2025(clock: Callable) -> None:
    clock(datetime(2025, 5, 20, 9, tzinfo=UTC))


@pytest.fixture
def enter(cast: Cast, scope_of: Callable) -> Callable[..., Contract]:
    """`enter(reference="MSA-2", kras=[…])`: a contract of Aldermoor's, by its file."""

    def made(reference: str = "MSA-1", vendor: str = "CORVID", **more: Any) -> Contract:
        with scope_of(cast.aldermoor):
            return import_contract(by=None, source=text(written(reference, vendor, **more)))

    return made


def written(reference: str = "MSA-1", vendor: str = "CORVID", **more: Any) -> dict[str, Any]:
    given = document(**more)
    given["contract"] |= {"reference": reference, "vendor": {"code": vendor, "name": f"{vendor.title()} Ltd"}}
    return given


def html(answer: Any) -> str:
    """The page as text, white space as it is seen."""
    return tight(answer.content.decode())


# The list ----------------------------------------------------------------------------------------------------------


def test_the_list_says_what_was_agreed_and_where_gaps_are(cast: Cast, client_for: Callable, enter: Callable) -> None:
    gap = {"code": "CX", "name": "Satisfied users", "weight": 40}
    enter(kras=[{"code": "REL", "name": "Reliable service", "weight": 60}, gap])
    page = html(client_for(cast.petra).get("contracts/"))
    for said in ("Service desk", "MSA-1", "Corvid Systems", "£100,000", "1 Apr 2024", "10th working day"):
        assert said in page
    assert "40%, 1 KRA without a service level" in page
    assert "1 contract." in page


def test_the_list_is_searched_and_filtered_by_its_address(cast: Cast, client_for: Callable, enter: Callable) -> None:
    enter()
    enter("MSA-2", "HALDEN", service_levels=[level(kras={})])
    petra = client_for(cast.petra)
    assert "MSA-2" not in html(petra.get("contracts/?q=corvid"))
    gaps = html(petra.get("contracts/?show=gaps"))
    assert "MSA-2" in gaps
    assert "MSA-1" not in gaps
    assert "1 service level without a KRA" in gaps
    assert "No contract matches" in html(petra.get("contracts/?show=ended"))


def test_in_force_is_what_is_in_force_on_its_day(
    cast: Cast, client_for: Callable, enter: Callable, clock: Callable
) -> None:
    enter()
    term = {"starts_on": "2027-01-01", "ends_on": "2027-12-31"}
    levels = [level(terms=[terms("2027-01-01")])]
    enter("MSA-2", "HALDEN", contract=document()["contract"] | term, service_levels=levels)
    for now, current, future, ended in (
        (datetime(2024, 3, 31, 22, 59, tzinfo=UTC), "", "12", ""),  # an hour and a minute before it begins in London
        (datetime(2024, 3, 31, 23, tzinfo=UTC), "1", "2", ""),
        (datetime(2027, 6, 1, tzinfo=UTC), "2", "", "1"),
    ):
        clock(now)
        petra = client_for(cast.petra)
        for show, there in (("current", current), ("future", future), ("ended", ended)):
            page = html(petra.get(f"contracts/?show={show}"))
            assert {number for number in "12" if f"MSA-{number}" in page} == set(there), (now, show)


def test_the_list_is_paged_in_the_database(
    cast: Cast, client_for: Callable, enter: Callable, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(contracts, "SHOWN", 1)
    enter()
    petra = client_for(cast.petra)
    petra.get("contracts/")  # notes that she is here
    with django_assert_num_queries(11):
        petra.get("contracts/")
    enter("MSA-2", "HALDEN")
    enter("MSA-3", "HALDEN")
    with django_assert_num_queries(11):
        first = html(petra.get("contracts/"))
    assert "MSA-1" in first
    assert "MSA-2" not in first
    assert "1–1 of 3 contracts" in first
    assert "MSA-3" in html(petra.get("contracts/?page=3"))


def test_the_first_contract_is_asked_for(cast: Cast, client_for: Callable) -> None:
    petra, marco = (html(client_for(who).get("contracts/")) for who in (cast.petra, cast.marco))
    assert "No contracts yet" in petra
    assert "Import contract" in petra
    assert "Import contract" not in marco


def test_a_vendor_sees_its_own_contracts_alone(cast: Cast, client_for: Callable, enter: Callable) -> None:
    mine, theirs = enter(), enter("MSA-2", "HALDEN")
    vera = client_for(cast.vera)
    assert "MSA-2" not in html(vera.get("contracts/"))
    assert vera.get(f"contracts/{mine.pk}/").status_code == 200
    for path in ("", "file/", "service-levels/SL-01/"):
        assert vera.get(f"contracts/{theirs.pk}/{path}").status_code == 404


def statements(client: Any, path: str) -> int:
    client.get(path)  # what is only looked up once is not counted
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_list_asks_as_much_for_three_contracts_as_for_one(
    cast: Cast, client_for: Callable, enter: Callable
) -> None:
    petra = client_for(cast.petra)
    enter()
    one = statements(petra, "contracts/")
    enter("MSA-2", "HALDEN")
    enter("MSA-3", "HALDEN")
    assert statements(petra, "contracts/") == one


# One contract ------------------------------------------------------------------------------------------------------


def test_a_contract_in_plain_words(cast: Cast, client_for: Callable, enter: Callable) -> None:
    contract = enter(credits=CREDITS, rules=RULES)
    page = html(client_for(cast.petra).get(f"contracts/{contract.pk}/"))
    for said in (
        "Every key result area is served, every service level serves one.",
        "0.5% of the month&#x27;s charges",
        "At most 10% of the charges in a month",
        "once it is met in each of its next 3 periods",
        "3 or more breaches in a row of one service level: the matter is escalated",
        "at least 95%",
        "below 90%",
        "Mon to Fri, 09:00–17:00, without the public holidays of GB-ENG",
        "by the end of the 10th working day after the period",
        "What was not measured is left out",
    ):
        assert said in page, said


def test_findings_with_their_remedy_are_for_the_client(cast: Cast, client_for: Callable, enter: Callable) -> None:
    contract = enter(service_levels=[level(kras={"REL": 50})])
    path, remedy = f"contracts/{contract.pk}/", "add up to 50 from 2024-04-01 on; make them 100"
    assert remedy in html(client_for(cast.marco).get(path))
    assert remedy not in html(client_for(cast.vera).get(path))


def test_a_contract_asks_as_much_for_three_service_levels_as_for_one(
    cast: Cast, client_for: Callable, enter: Callable
) -> None:
    one = enter("MSA-1", service_levels=[level("SL-01")])
    three = enter("MSA-3", service_levels=[level(f"SL-0{n}") for n in (1, 2, 3)])
    petra = client_for(cast.petra)
    assert statements(petra, f"contracts/{three.pk}/") == statements(petra, f"contracts/{one.pk}/")


def test_the_file_of_a_contract_says_nothing_new(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable
) -> None:
    contract = enter(credits=CREDITS, rules=RULES)
    answer = client_for(cast.vera).get(f"contracts/{contract.pk}/file/")
    assert answer["Content-Disposition"] == 'attachment; filename="msa-1.yaml"'
    with scope_of(cast.petra):
        assert contract_changes(by=cast.petra, source=answer.content) == []


def test_a_service_level_and_what_its_versions_changed(cast: Cast, client_for: Callable, enter: Callable) -> None:
    stricter = [{**BANDS[0], "at": 97}, BANDS[1], BANDS[2]]
    versions = [terms(), terms("2025-04-01", bands=stricter, missing="default")]
    contract = enter(service_levels=[level(terms=versions)])
    page = html(client_for(cast.marco).get(f"contracts/{contract.pk}/service-levels/SL-01/"))
    for said in (
        "Resolved on time ÷ resolved × 100",
        "Terms, version 2",
        "Band Target, values",
        "<del>at least 95%</del>",
        "<ins>at least 97%</ins>",
        "<ins>A period without figures is a breach, with the last band&#x27;s points</ins>",
        "1 Apr 2024 to 31 Mar 2025",
        "May 2025",
        "Fri 13 Jun 2025",
        "Reliable service (100)",
    ):
        assert said in page, said
    assert "Band Minor" not in page


def test_a_service_level_that_is_not_there(cast: Cast, client_for: Callable, enter: Callable) -> None:
    contract = enter()
    assert client_for(cast.marco).get(f"contracts/{contract.pk}/service-levels/XX/").status_code == 404


# Import ------------------------------------------------------------------------------------------------------------


def file(given: Any) -> SimpleUploadedFile:
    source = given if isinstance(given, str) else yaml.safe_dump(given)
    return SimpleUploadedFile("contract.yaml", source.encode())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Contract, Vendor, ServiceLevel, Terms)]


def carried(answer: Any) -> dict[str, Any]:
    """The hidden fields of the form that saves."""
    initial = answer.context["save"].initial
    return {name: "" if value is None else value for name, value in initial.items()}


def test_looking_at_a_file_saves_nothing(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    before = stored(cast, scope_of)
    answer = client_for(cast.petra).post("contracts/import/", {"file": file(written("NEW-1", "NEWCO"))})
    assert answer.status_code == 200
    page = html(answer)
    assert "Nothing is saved yet." in page
    assert "New vendor Newco Ltd" in page
    assert stored(cast, scope_of) == before


def test_what_was_looked_at_is_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, django_capture_on_commit_callbacks: Callable
) -> None:
    petra = client_for(cast.petra)
    looked = petra.post("contracts/import/", {"file": file(written("NEW-1", "NEWCO"))})
    with django_capture_on_commit_callbacks() as rung:
        answer = petra.post("contracts/import/save/", carried(looked))
    with scope_of(cast.aldermoor):
        contract = Contract.objects.select_related("vendor").get(reference="NEW-1")
        assert contract.vendor.name == "Newco Ltd"
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/contracts/{contract.pk}/")
    assert len(rung) == 1
    assert "NEW-1 imported" in html(petra.get(answer["Location"]))


def test_an_amendment_shows_what_was_and_what_becomes(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable
) -> None:
    enter()
    petra, amended = client_for(cast.petra), written()
    amended["contract"]["title"] = "Service desk and devices"
    looked = petra.post("contracts/import/", {"source": yaml.safe_dump(amended)})
    assert (
        '<td>Title</td><td class="quiet"><del>Service desk</del></td><td><ins>Service desk and devices</ins></td>'
        in html(looked)
    )
    assert petra.post("contracts/import/save/", carried(looked)).status_code == 302
    with scope_of(cast.aldermoor):
        contract = Contract.objects.get()
        assert (contract.title, contract.version) == ("Service desk and devices", 2)


def test_an_amendment_shows_the_number_that_changes_before_it_is_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable
) -> None:
    enter()
    stricter = [BANDS[0], {**BANDS[1], "at": 92}, BANDS[2]]
    amended = written(
        service_levels=[level(terms=[terms(), terms("2025-07-01", bands=stricter)]), level("SL-02", every="quarter")]
    )
    before = stored(cast, scope_of)
    page = html(client_for(cast.petra).post("contracts/import/", {"file": file(amended)}))
    assert "SL-01 Incidents on time SL-01, from 1 Jul 2025, band Minor" in page
    assert "<del>at least 90%</del>" in page
    assert "<ins>at least 92%</ins>" in page
    assert "service_levels[0]" not in page
    assert stored(cast, scope_of) == before


def test_a_file_that_is_refused_comes_back_with_all_that_is_wrong(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    bad = written()
    bad["contract"]["currency"] = "QQQ"
    bad["service_levels"][0]["terms"][0]["bands"][1]["at"] = 99
    before = stored(cast, scope_of)
    answer = client_for(cast.petra).post("contracts/import/", {"file": file(bad)})
    page = html(answer)
    assert answer.status_code == 422
    assert "contract.currency" in page
    assert "service_levels[0].terms[0].bands[1].at" in page
    assert "currency: QQQ" in page, "the text is there to be put right"
    assert stored(cast, scope_of) == before


@pytest.mark.parametrize("given", [{}, {"source": "  "}, {"source": "\tnot: [yaml"}, {"source": "just words"}])
def test_what_is_no_file_at_all(cast: Cast, client_for: Callable, given: dict[str, str]) -> None:
    assert client_for(cast.petra).post("contracts/import/", given).status_code == 422


def test_what_may_not_change_is_refused(cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable) -> None:
    enter()
    other, before = written(), stored(cast, scope_of)
    other["contract"]["currency"] = "EUR"
    answer = client_for(cast.petra).post("contracts/import/", {"file": file(other)})
    assert answer.status_code == 422
    assert "differs from the contract that is there" in html(answer)
    assert stored(cast, scope_of) == before


def test_who_looked_at_an_older_version_looks_again(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable
) -> None:
    enter()
    petra, mine, theirs = client_for(cast.petra), written(), written()
    mine["contract"]["title"], theirs["contract"]["title"] = "Mine", "Theirs"
    looked = petra.post("contracts/import/", {"file": file(mine)})
    with scope_of(cast.aldermoor):
        import_contract(by=None, source=text(theirs))
    answer = petra.post("contracts/import/save/", carried(looked))
    page = html(answer)
    assert answer.status_code == 409
    assert "Somebody else changed this contract meanwhile" in page
    assert '<td class="quiet"><del>Theirs</del></td><td><ins>Mine</ins></td>' in page
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().title == "Theirs"
    assert petra.post("contracts/import/save/", carried(answer)).status_code == 302


def test_a_contract_that_came_in_meanwhile_is_not_amended_unseen(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable
) -> None:
    petra, mine = client_for(cast.petra), written()
    mine["contract"]["title"] = "Mine"
    looked = petra.post("contracts/import/", {"file": file(mine)})
    enter()
    assert petra.post("contracts/import/save/", carried(looked)).status_code == 409
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().title == "Service desk"


def test_a_second_click_finds_the_contract_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, enter: Callable
) -> None:
    petra = client_for(cast.petra)
    looked = petra.post("contracts/import/", {"file": file(written())})
    first, second = (petra.post("contracts/import/save/", carried(looked)) for _ in range(2))
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    amended = written()
    amended["contract"]["title"] = "Service desk and devices"
    looked = petra.post("contracts/import/", {"file": file(amended)})
    first, second = (petra.post("contracts/import/save/", carried(looked)) for _ in range(2))
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().version == 2


def test_a_tampered_form_is_checked_again(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    before = stored(cast, scope_of)
    for given in ({}, {"source": "plumbline: 1"}, {"source": text(written()), "version": "x"}):
        assert client_for(cast.petra).post("contracts/import/save/", given).status_code == 422
    assert stored(cast, scope_of) == before


def test_only_procurement_imports(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    before = stored(cast, scope_of)
    for who in (cast.marco, cast.ada, cast.olu, cast.vera):
        for path in ("contracts/import/", "contracts/import/save/"):
            assert client_for(who).post(path, {"source": text(written())}).status_code == 403
    assert stored(cast, scope_of) == before
