"""A month's figures typed by hand: as much as one has, looked at, and saved like a file."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from measurements.actions import accept, import_figures, submit
from measurements.models import Figure, Submission
from measurements.rules import Status
from slas.actions import import_contract
from tests.cast import Cast
from tests.markup import tight
from tests.measurements.reporting import contract, csv
from tests.slas.contract_texts import document, level, text


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(datetime(2024, 5, 20, 9, tzinfo=UTC))


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def accepted(cast: Cast, scope_of: Callable, of: Contract, source: bytes) -> None:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=of, source=source, submit=True)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=made)


def filled(page: Any, **given: str) -> dict[str, str]:
    """The form as it stands on the page, with some inputs filled in: sl01_numerator="48", sl01_1_note="…" of a second line."""
    form, count = {}, {}
    for line in page.context["sheet"].lines:
        code = line.level.code.replace("-", "").lower()
        at = count[code] = count.get(code, -1) + 1
        for cell in line.all_cells if line.is_new else (*line.cells, *line.aside):
            form[cell.name] = given.pop(f"{code}{f'_{at}' if at else ''}_{cell.column}", cell.text)
    assert not given
    return form


def test_a_month_is_typed_looked_at_and_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    page = client.get(path)
    assert [(one.level.code, [cell.column for cell in one.cells]) for one in page.context["sheet"].lines] == [
        ("SL-01", ["numerator", "denominator"]),
        ("SL-03", ["downtime", "maintenance"]),
    ]
    typed = filled(page, sl01_numerator=" 48 ", sl01_denominator="50", sl01_note="Two came late.\r\nBoth on Friday.")
    looked = client.post(path, typed)
    assert "1 figure entered. 1 new" in html(looked)
    assert 'value="48"' in html(looked)  # to be changed still
    saved = client.post(path, typed | looked.context["save"].initial | {"then": "save"})
    assert saved.status_code == 302
    with scope_of(cast.vera):
        figure = Figure.objects.get()
        assert (figure.numerator, figure.denominator, figure.note) == (48, 50, "Two came late.\nBoth on Friday.")
        assert (figure.submission.status, figure.submission.source) == (Status.DRAFT, "")
    again = client.get(path)
    assert [cell.text for cell in again.context["sheet"].lines[0].cells] == ["48", "50"]


def test_what_is_wrong_stands_at_its_input_and_what_was_typed_stays(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    before = stored(cast, scope_of)
    typed = filled(
        client.get(path), sl01_numerator="48", sl01_note="One\r\nTwo", sl03_downtime="4,5", sl03_maintenance="0"
    )
    answer = client.post(path, typed)
    assert answer.status_code == 422
    wrong = [(line.level.code, cell.column, text) for line, cell, text in answer.context["sheet"].problems]
    assert [(code, column) for code, column, _ in wrong] == [("SL-01", "denominator"), ("SL-03", "downtime")]
    assert wrong[0][2] == "Enter a number; 0 if there were none"
    assert "write it with a point, 4.5" in wrong[1][2]
    page = html(answer)
    assert 'value="4,5"' in page
    assert page.count('aria-invalid="true"') == 2
    assert stored(cast, scope_of) == before


def test_a_refusal_leaves_the_page_that_checks_what_was_typed(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,40,50,Leeds"))
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    typed = filled(
        client.get(path), sl01_numerator="41", sl01_1_part="Hull", sl01_1_numerator="7", sl01_1_denominator="8"
    )
    looked = client.post(path, typed)
    before = stored(cast, scope_of)
    refused = client.post(path, typed | looked.context["save"].initial | {"then": "submit", "declared": "on"})
    assert refused.status_code == 422
    assert stored(cast, scope_of) == before
    page = html(refused)
    for said in ("Say why they are corrected.", "Check figures", "Change the figures", "What was entered beside"):
        assert said in page, said
    for of_a_file in ("Import figures", "Choose another file", "In file", ">Line<", "Each row of the file"):
        assert of_a_file not in page, of_a_file
    lines = [one for one in refused.context["sheet"].lines if one.level.code == "SL-01"]
    assert [(one.part.text, one.cells[0].text) for one in lines] == [("Leeds", "41"), ("Hull", "7")]
    again = typed | refused.context["save"].initial | {"then": "submit", "declared": "on", "reason": "One was missed"}
    assert client.post(path, again).status_code == 302


def test_what_is_saved_is_what_stands_in_the_inputs(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    """33 was checked; after Back 44 stands there, with the form of the check beside it."""
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    typed = filled(client.get(path), sl01_numerator="33", sl01_denominator="50")
    checked = client.post(path, typed).context["save"].initial
    over = {name: "44" if text == "33" else text for name, text in typed.items()}
    before = stored(cast, scope_of)
    unseen = client.post(path, over | checked | {"then": "submit", "declared": "on"})
    assert unseen.status_code == 409
    assert "Not submitted yet:" in html(unseen)
    assert stored(cast, scope_of) == before
    assert client.post(path, over | checked | {"then": "save"}).status_code == 302
    with scope_of(cast.vera):
        assert Figure.objects.get().numerator == 44


def test_figures_typed_over_a_file_do_not_come_by_file(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,48,50"), filename="april.csv")
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    typed = filled(client.get(path), sl01_numerator="47")
    assert client.post(path, typed | {"then": "save"}).status_code == 302
    with scope_of(cast.vera):
        assert Submission.objects.get().source == ""


def test_what_is_stored_already_is_not_offered_to_be_saved(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    with scope_of(cast.vera):
        (draft,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,48,50"))
    page = html(client.post(path, filled(client.get(path))))
    assert "Nothing is changed.</span>What you entered is what is stored." in page
    assert "Save and review" not in page
    assert f'href="/o/aldermoor/submissions/{draft.pk}/">Submit April 2024 from its page' in page
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=draft)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
    page = html(client.post(path, filled(client.get(path))))
    assert "Save and review" not in page
    assert "from its page" not in page


def test_the_parts_are_swapped_in_place(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    """So that stepping back does not ask to send a form again."""
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    page = client.get(path)
    assert f'hx-post="/o/aldermoor/{path}"' in html(page)
    for given, part in (({}, "entry"), ({"sl01_numerator": "1", "sl01_denominator": "2"}, "figures")):
        answer = client.post(path, filled(page, **given), headers={"HX-Request": "true", "HX-Target": "main#main"})
        assert html(answer).startswith(f'<section id="{part}"')


def test_a_level_that_is_called_like_its_figure_is_named_once(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.aldermoor):
        agreed.service_levels.filter(code="SL-01").update(name="Incidents in time")
        measure = agreed.service_levels.get(code="SL-01").measure | {"of": "Incidents in time"}
        agreed.service_levels.filter(code="SL-01").update(measure=measure)
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    page = html(client.post(path, filled(client.get(path), sl01_numerator="9", sl01_denominator="8")))
    assert "Incidents in time: the numerator 9 is above" in page


def test_nothing_typed_is_said(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    answer = client.post(path, filled(client.get(path)))
    assert (answer.status_code, "Nothing was filled in." in html(answer)) == (422, True)
    assert client.get(f"contracts/{agreed.pk}/figures/enter/?period=soon").status_code == 404


def test_parts_are_known_and_may_become_more(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, agreed: Contract
) -> None:
    clock(datetime(2024, 6, 3, 9, tzinfo=UTC))  # May is over
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,40,50,Leeds", "SL-01,2024-04-01,48,50,'=York"))
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-05"
    page = client.get(path)
    lines = [one for one in page.context["sheet"].lines if one.level.code == "SL-01"]
    assert [(one.part.text, one.is_new, one.cells[0].before) for one in lines] == [
        ("=York", False, "48"),
        ("Leeds", False, "40"),
        ("", True, ""),
    ]
    figures = {"sl01_numerator": "49", "sl01_denominator": "50", "sl01_2_numerator": "1", "sl01_2_denominator": "2"}
    nameless = client.post(path, filled(page, **figures))
    assert [text for _, _, text in nameless.context["sheet"].problems] == ["is empty; give the part its name"]
    typed = filled(page, **figures, sl01_2_part="Bath")
    looked = client.post(path, typed)
    client.post(path, typed | looked.context["save"].initial | {"then": "submit", "declared": "on"})
    with scope_of(cast.vera):
        found = Figure.objects.filter(submission__month="2024-05-01").order_by("part")
        assert list(found.values_list("part", "numerator")) == [("=York", 49), ("Bath", 1)]
    assert "May 2024 waits for a decision." in html(client.get(path))


def test_it_asks_as_much_for_many_lines_as_for_few(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    def statements(reference: str, *parts: str) -> int:
        given = document()
        given["contract"]["reference"] = reference
        with scope_of(cast.aldermoor):
            of = import_contract(by=None, source=text(given))
        accepted(cast, scope_of, of, csv(*(f"SL-01,2024-04-01,40,50,{part}" for part in parts)))
        path = f"contracts/{of.pk}/figures/enter/?period=2024-05"
        client_for(cast.vera).get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client_for(cast.vera).get(path).status_code == 200
        return len(asked)

    assert statements("MSA-9", "A", "B", "C") == statements("MSA-8", "A")


def two_levels_of_the_same_calls(cast: Cast, scope_of: Callable) -> Contract:
    def counted(code: str, of: str) -> dict[str, Any]:
        return level(code, measure={"kind": "ratio", "of": of, "among": "Calls offered", "unit": "percent"})

    levels = [counted("SL-01", "Calls answered"), counted("SL-02", "Calls abandoned")]
    with scope_of(cast.aldermoor):
        return import_contract(by=None, source=text(document(service_levels=levels)))


def test_a_count_that_two_service_levels_share_is_typed_once(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    agreed = two_levels_of_the_same_calls(cast, scope_of)
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-04"
    page = client.get(path)
    assert html(page).count("As in “Incidents on time SL-01”; left empty, it is copied.") == 1
    looked = client.post(path, filled(page, sl01_numerator="90", sl01_denominator="100", sl02_numerator="7"))
    assert "2 figures entered" in html(looked)
    assert html(looked).count('value="100"') == 2, "what was copied is seen before it is saved"
    # What is typed stays, and a line that says nothing else is not begun by it.
    own = client.post(
        path, filled(page, sl01_numerator="90", sl01_denominator="100", sl02_numerator="7", sl02_denominator="99")
    )
    assert [cell.text for cell in own.context["sheet"].lines[1].cells] == ["7", "99"]
    alone = client.post(path, filled(page, sl01_numerator="90", sl01_denominator="100"))
    assert "1 figure entered" in html(alone)


def test_two_counts_under_one_name_stay_two(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    """They were two numbers in the month before."""
    agreed = two_levels_of_the_same_calls(cast, scope_of)
    accepted(cast, scope_of, agreed, csv("SL-01,2024-04-01,90,100", "SL-02,2024-04-01,7,80"))
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-05"
    page = client.get(path)
    assert "left empty, it is copied" not in html(page)
    refused = client.post(path, filled(page, sl01_numerator="90", sl01_denominator="100", sl02_numerator="7"))
    assert refused.status_code == 422
    assert "Enter a number" in html(refused)
