"""Figures that come in by file."""

import csv as csv_module
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.models import Contract
from measurements.actions import accept, import_figures, sweep_batches
from measurements.models import Figure, Submission
from measurements.rules import Status
from tests.cast import Cast
from tests.markup import tight
from tests.measurements.reporting import APRIL, contract, csv, sheet, uptime
from tests.measurements.workbooks import members, packed, workbook
from tests.measurements.workbooks import sheet as sheet_of

MAY_LATE = datetime(2024, 5, 20, 9, tzinfo=UTC)  # April was due on 15 May


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(MAY_LATE)


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def accepted(cast: Cast, scope_of: Callable, of: Contract, source: bytes) -> Submission:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=of, source=source, submit=True)
    with scope_of(cast.marco):
        return accept(by=cast.marco, submission=made)


# Looking at a file -------------------------------------------------------------------------------------------------


def look(client: Any, of: Contract, source: bytes, name: str = "april.csv") -> Any:
    return client.post(f"contracts/{of.pk}/figures/", {"file": SimpleUploadedFile(name, source)})


def carried(answer: Any, **more: str) -> dict[str, Any]:
    return {**answer.context["save"].initial, **more}


def place(answer: Any) -> str:
    """Where the rows that are shown can be saved."""
    batch = answer.context["batch"]
    return f"contracts/{batch.contract_id}/figures/batches/{batch.pk}/"


def outcomes(answer: Any) -> list[tuple[int | None, str, str, str, str]]:
    return sorted(
        (one.line or 0, one.code, one.now, one.becomes, one.outcome) for one in answer.context["preview"].lines
    )


def test_looking_shows_each_row_and_saves_nothing(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,40,50,Leeds", "SL-01,2024-04-01,48,50,York"))
    before = stored(cast, scope_of)
    given = csv("SL-01,2024-04-01,40,50,Leeds", "SL-01,2024-04-01,30,50,Hull", "SL-02,2024-04-01,5,5")
    answer = look(client_for(cast.vera), agreed, given)
    assert answer.status_code == 200
    assert outcomes(answer) == [
        (0, "SL-01", "48 of 50", "–", "Removed"),
        (2, "SL-01", "40 of 50", "40 of 50", "Same"),
        (3, "SL-01", "–", "30 of 50", "New"),
        (4, "SL-02", "–", "5 of 5", "New"),
    ]
    assert "Nothing is saved yet." in html(answer)
    assert stored(cast, scope_of) == before


def test_rows_that_a_filter_hides_are_read_and_said(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    head, rows = ["service_level", "period", "numerator", "denominator", "part"], ["Leeds", "York", "Hull", "Ely"]
    table = [head, *(["SL-01", "2024-04-01", 40, 50, part] for part in rows), ["SL-01", "2024-04-01", "x", 50, "Rye"]]
    parts = members(sheet_of(table))
    name = next(one for one in parts if one.startswith("xl/worksheets/"))
    for number, how in ((3, 'hidden="1"'), (4, 'hidden="true"'), (5, 'hidden="0"'), (99, 'hidden="1"')):
        parts[name] = parts[name].replace(f'<row r="{number}"', f'<row r="{number}" {how}')
    vera = client_for(cast.vera)
    answer = look(vera, agreed, packed(parts), "april.xlsx")
    said = "5 rows read, 2 of which are hidden in the sheet. 4 new, 0 changed, 0 the same. Nothing is saved yet."
    assert said in html(answer)
    assert said in html(vera.get(place(answer)))


def test_a_point_that_may_separate_thousands_is_asked_about(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    source = "service_level;period;numerator;denominator\nSL-01;2024-04-01;1.500;1.570\nSL-02;2024-04-01;1;2\n"
    vera = client_for(cast.vera)
    answer = look(vera, agreed, source.encode())
    assert "`1.500` may be 1500 or 1.5; write the one that is meant" in html(answer)
    assert [one[1] for one in outcomes(answer)] == ["SL-02"]
    vera.post(place(answer), carried(answer, then="save", good="1"))
    with scope_of(cast.aldermoor):
        assert sheet(Submission.objects.get()) == {("SL-02", "2024-04-01", ""): 1}


def test_problems_by_line_and_column_import_nothing(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    before = stored(cast, scope_of)
    answer = look(client_for(cast.vera), agreed, csv("SL-01,2024-04-01,101,100", "XX,2024-04-01,1,2"))
    page = html(answer)
    assert answer.status_code == 422
    assert "april.csv was not imported: 2 things to correct" in page
    assert '<td class="n">2</td><td>numerator</td>' in page
    assert '<td class="n">3</td><td>service_level</td>' in page
    assert stored(cast, scope_of) == before


@pytest.mark.parametrize(
    "source", [b"service_level,period,numerator,denominator\n", b"\xff\xfe\x00", b"PK\x03\x04broken"]
)
def test_files_without_figures(cast: Cast, client_for: Callable, agreed: Contract, source: bytes) -> None:
    assert look(client_for(cast.vera), agreed, source).status_code == 422


def test_no_file(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    answer = client_for(cast.vera).post(f"contracts/{agreed.pk}/figures/", {})
    assert answer.status_code == 422
    assert "Choose a file first." in html(answer)


# Saving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("then", "status"), [("save", Status.DRAFT), ("submit", Status.SUBMITTED)])
def test_what_was_looked_at_is_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, then: str, status: str
) -> None:
    vera = client_for(cast.vera)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,98,100,,two lines"))
    answer = vera.post(place(looked), carried(looked, then=then, declared="on"))
    with scope_of(cast.aldermoor):
        made = Submission.objects.get()
        assert (made.status, made.source, made.month) == (status, "april.csv", APRIL)
        assert sheet(made) == {("SL-01", "2024-04-01", ""): 98}
    assert answer["Location"].endswith(f"/submissions/{made.pk}/")


@pytest.mark.parametrize(("then", "status"), [("save", Status.DRAFT), ("submit", Status.SUBMITTED)])
def test_a_workbook_is_saved_too(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, then: str, status: str
) -> None:
    vera = client_for(cast.vera)
    source = workbook([["service_level", "period", "numerator", "denominator"], ["SL-01", date(2024, 4, 1), 98, 100]])
    looked = look(vera, agreed, source, "april.xlsx")
    assert vera.post(place(looked), carried(looked, then=then, declared="on")).status_code == 302
    with scope_of(cast.aldermoor):
        made = Submission.objects.get()
        assert (made.status, made.source, sheet(made)) == (status, "april.xlsx", {("SL-01", "2024-04-01", ""): 98})


def test_several_months_lead_to_the_contract_s_submissions(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    vera = client_for(cast.vera)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,98,100", "SL-01,2024-05-01,97,100"))
    answer = vera.post(place(looked), carried(looked, then="save"))
    assert answer["Location"].endswith(f"/submissions/?contract={agreed.pk}")


def test_a_correction_needs_a_reason_and_keeps_what_was_typed(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,98,100"))
    vera, before = client_for(cast.vera), stored(cast, scope_of)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,97,100"))
    assert "April 2024 is accepted already." in html(looked)
    refused = vera.post(place(looked), carried(looked, then="submit", declared="on"))
    assert refused.status_code == 422
    assert "Say why they are corrected." in html(refused)
    assert stored(cast, scope_of) == before
    taken = vera.post(place(refused), carried(refused, then="submit", declared="on", reason="Counted twice"))
    assert taken.status_code == 302
    with scope_of(cast.aldermoor):
        assert Submission.objects.get(revision=2).reason == "Counted twice"


@pytest.mark.parametrize("theirs", ["draft", "accepted"])
def test_who_is_second_sees_what_is_stored_by_now_and_may_save_again(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, theirs: str
) -> None:
    vera = client_for(cast.vera)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,97,100"))
    if theirs == "draft":
        with scope_of(cast.ravi):
            import_figures(by=cast.ravi, contract=agreed, source=csv("SL-01,2024-04-01,98,100"))
    else:
        accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,98,100"))
    before, save = stored(cast, scope_of), place(looked)
    answer = vera.post(save, carried(looked, then="save", reason="Mine are right"))
    assert answer.status_code == 409
    assert stored(cast, scope_of) == before
    assert outcomes(answer) == [(2, "SL-01", "98 of 100", "97 of 100", "Changed")]
    name = "Ravi Menon" if theirs == "draft" else "Vera Novak"
    assert f"April 2024 was saved by {name}, Mon 20 May 2024" in html(answer)
    assert vera.post(save, carried(answer, then="save")).status_code == 302
    with scope_of(cast.aldermoor):
        made = Submission.objects.latest("revision")
        assert (sheet(made), made.saved_by_name) == ({("SL-01", "2024-04-01", ""): 97}, "Vera Novak")


def test_what_others_saved_beside_it_is_no_conflict(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = client_for(cast.vera)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,97,100"))
    with scope_of(cast.ravi):
        import_figures(by=cast.ravi, contract=agreed, source=uptime("SL-03,2024-04-01,5,0"))
    assert vera.post(place(looked), carried(looked, then="save")).status_code == 302
    with scope_of(cast.aldermoor):
        assert set(sheet(Submission.objects.get()).values()) == {97, 5}


def test_a_month_that_waits_for_a_decision_cannot_be_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    vera, before = client_for(cast.vera), stored(cast, scope_of)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,97,100"))
    page = html(looked)
    assert "April 2024 waits for a decision." in page
    assert "Save and review" not in page
    assert vera.post(place(looked), carried(looked, then="save")).status_code == 422
    assert stored(cast, scope_of) == before


def test_a_file_that_is_looked_at_stays_its_maker_s_and_is_read_again(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = client_for(cast.vera)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,98,100"))
    for who in (cast.ravi, cast.marco, cast.hana, cast.otto):
        client = client_for(who)
        assert client.get(place(looked)).status_code == 404
        assert client.post(place(looked), carried(looked, then="submit", declared="on")).status_code == 404
    again = vera.get(place(looked))
    assert outcomes(again) == outcomes(looked)
    assert vera.post(place(looked), carried(looked, then="save")).status_code == 302
    assert vera.get(place(looked)).status_code == 404  # saved once, it is gone


def test_rows_that_are_right_are_saved_by_choice_and_the_others_wait(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera, before = client_for(cast.vera), stored(cast, scope_of)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,98,100", "XX,2024-04-01,1,2"))
    assert "april.csv: 1 thing to correct" in html(looked)
    assert "Save the rows that are right" in html(looked)
    refused = vera.post(place(looked), carried(looked, then="save"))
    assert refused.status_code == 422
    assert stored(cast, scope_of) == before
    assert vera.post(place(looked), carried(looked, then="save", good="1")).status_code == 302
    with scope_of(cast.aldermoor):
        assert sheet(Submission.objects.get()) == {("SL-01", "2024-04-01", ""): 98}


def test_what_nobody_came_back_to_is_swept(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    look(client_for(cast.vera), agreed, csv("SL-01,2024-04-01,98,100"))
    with scope_of(cast.aldermoor):
        assert sweep_batches(now=MAY_LATE + timedelta(days=1)) == 0
        assert sweep_batches(now=MAY_LATE + timedelta(days=3)) == 1


def test_a_file_that_says_nothing_new(cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract) -> None:
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,98,100"))
    vera, before = client_for(cast.vera), stored(cast, scope_of)
    looked = look(vera, agreed, csv("SL-01,2024-04-01,98,100"))
    assert "Save and review" not in html(looked)
    answer = vera.post(place(looked), carried(looked, then="submit", declared="on"))
    assert "These figures were stored already." in html(vera.get(answer["Location"]))
    assert stored(cast, scope_of) == before


def test_who_may_not_report(cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract) -> None:
    before = stored(cast, scope_of)
    for who, status in ((cast.petra, 403), (cast.olu, 403), (cast.hana, 404), (cast.otto, 404)):
        client = client_for(who)
        assert look(client, agreed, csv("SL-01,2024-04-01,98,100")).status_code == status
        assert client.get(f"contracts/{agreed.pk}/figures/template/").status_code == status
    assert stored(cast, scope_of) == before


# The template ------------------------------------------------------------------------------------------------------


def test_the_template_asks_for_each_slot_with_the_parts_reported_before(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,40,50,Leeds", "SL-01,2024-04-01,48,50,=York"))
    answer = client_for(cast.vera).get(f"contracts/{agreed.pk}/figures/template/?month=2024-06&as=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="msa-1-2024-06.csv"'
    rows = list(csv_module.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["service_level"], row["period"], row["part"]) for row in rows] == [
        ("SL-01", "2024-06-01", "'=York"),
        ("SL-01", "2024-06-01", "Leeds"),
        ("SL-02", "2024-04-01", ""),
        ("SL-03", "2024-06-01", ""),
    ]


@pytest.mark.parametrize("part", ["=York", "+1st floor", "-", "@home", "'=quoted", "''+", "'t Hooft", "'"])
def test_a_part_that_looks_like_a_formula_comes_back_as_it_was(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, part: str
) -> None:
    written = "'" + part if re.match("'*[=+@-]", part) else part
    accepted(cast, scope_of, agreed, csv(f"SL-01,2024-04-01,40,50,{written}"))
    client = client_for(cast.vera)
    template = client.get(f"contracts/{agreed.pk}/figures/template/?month=2024-05&as=csv").content.decode("utf-8-sig")
    first = template.splitlines()[1]
    assert first.startswith(f"SL-01,2024-05-01,{written},,")
    filled = template.splitlines()[0] + "\n" + first.replace(f",{written},,", f",{written},41,50")
    page = client.post(f"contracts/{agreed.pk}/figures/", {"file": SimpleUploadedFile("may.csv", filled.encode())})
    saved = client.post(place(page), {**page.context["save"].initial, "then": "save"})
    assert saved.status_code == 302
    with scope_of(cast.aldermoor):
        assert set(Figure.objects.values_list("part", flat=True)) == {part}


def test_a_line_of_the_template_that_nobody_filled_in_is_one_thing_to_correct(
    cast: Cast, client_for: Callable, agreed: Contract
) -> None:
    client = client_for(cast.vera)
    empty = client.get(f"contracts/{agreed.pk}/figures/template/?month=2024-05&as=csv").content
    page = client.post(f"contracts/{agreed.pk}/figures/", {"file": SimpleUploadedFile("may.csv", empty)})
    assert [(one.line, one.column) for one in page.context["problems"]] == [(2, "numerator"), (3, "downtime")]
    assert "write numerator and denominator, or remove the line" in html(page)


def test_the_template_of_the_month_that_is_asked_for(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    """The last one that is over, and once nothing of it is left to report, the running one."""
    vera = client_for(cast.vera)

    def offered() -> str:
        answer = vera.get(f"contracts/{agreed.pk}/figures/template/?as=csv")
        assert f"month={answer['Content-Disposition'][-12:-5]}" in html(vera.get(f"contracts/{agreed.pk}/figures/"))
        return answer["Content-Disposition"]

    assert "msa-1-2024-04.csv" in offered()
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=uptime("SL-03,2024-04-01,5,0"), submit=False)
        rows = csv("SL-01,2024-04-01,98,100")
        import_figures(by=cast.vera, contract=agreed, source=rows, submit=True)
    assert "msa-1-2024-05.csv" in offered()


def test_no_such_month(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    assert client_for(cast.vera).get(f"contracts/{agreed.pk}/figures/template/?month=soon").status_code == 404
