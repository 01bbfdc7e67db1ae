"""A month that is filled in: each row is saved as it is typed, says what it comes to, and loses nothing of what was typed."""

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
from tests.cast import Cast
from tests.measurements.reporting import contract, csv, uptime
from tests.reporting.typist import HTMX, Typist, figures, html


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(datetime(2024, 5, 20, 9, tzinfo=UTC))


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


def test_a_row_is_saved_as_it_is_typed_and_says_what_it_comes_to(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    assert "0 of 2 service levels ready" in html(vera.page) and '-ready">0 of' in html(vera.page)
    answer = vera.type("SL-01", numerator="48", denominator="50")
    assert answer.status_code == 200
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]
    said = html(answer)
    assert "96.0%" in said and "Saved" in said
    assert "1 of 2 service levels ready" in said and '-ready">1 of' in said
    assert "Foreseen score" in said and "Review and submit" in said
    with scope_of(cast.vera):
        assert Submission.objects.get().status == Status.DRAFT
    # Over what was saved a moment ago, too.
    vera.type("SL-01", numerator="40")
    assert figures(cast, scope_of) == [("SL-01", "", 40, 50, "")]


def test_nothing_is_said_of_a_second_figure_that_is_still_to_come(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    answer = vera.type("SL-01", numerator="48")
    assert answer.status_code == 200
    assert "Not saved yet" in html(answer)
    assert 'value="48"' in html(answer)
    assert "aria-invalid" not in html(answer)
    assert figures(cast, scope_of) == []


def test_what_is_wrong_is_not_saved_stays_and_holds_up_no_other_row(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-01", numerator="48", denominator="50")
    wrong = vera.type("SL-01", numerator="4,8")
    assert wrong.status_code == 422
    said = html(wrong)
    assert "Not saved" in said and 'value="4,8"' in said and said.count('aria-invalid="true"') == 1
    assert "What was saved before stays" in said
    assert vera.type("SL-03", downtime="10", maintenance="0").status_code == 200
    assert [row[:4] for row in figures(cast, scope_of)] == [("SL-01", "", 48, 50), ("SL-03", "", None, None)]
    assert vera.type("SL-01", numerator="44").status_code == 200


def test_relief_is_asked_for_and_not_typed(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    answer = vera.type("SL-01", numerator="48", denominator="50", relieved="2")
    assert answer.status_code == 422
    assert "Ask for relief" in html(answer)
    assert figures(cast, scope_of) == []
    offered = html(vera.type("SL-01", press="aside", numerator="48", denominator="50", relieved=""))
    assert '-note"' in offered and '-incident"' in offered and '-relieved"' not in offered


def test_a_row_that_is_half_typed_is_not_saved_over_what_nobody_saw(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    """The first cell that is left says what was saved meanwhile, and the second does not pass for having seen it."""
    vera, ravi, late = (Typist(client_for(one), agreed) for one in (cast.vera, cast.ravi, cast.ravi))
    vera.type("SL-01", numerator="48", denominator="50")
    for typist, typed in ((ravi, "47"), (late, "4x")):
        answer = typist.type("SL-01", numerator=typed)
        assert answer.status_code == 409
        said = html(answer)
        assert "Vera Novak saved 48 of 50" in said and f'value="{typed}"' in said and "Keep mine" in said
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]


def test_two_people_in_one_row_see_both_and_choose(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera, ravi = Typist(client_for(cast.vera), agreed), Typist(client_for(cast.ravi), agreed)
    vera.type("SL-01", numerator="48", denominator="50")
    answer = ravi.type("SL-01", numerator="47", denominator="50")
    assert answer.status_code == 409
    said = html(answer)
    assert "48 of 50" in said and 'value="47"' in said and "Keep mine" in said
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]
    theirs = ravi.client.get(ravi.address("SL-01"), **HTMX)
    assert 'value="48"' in html(theirs)
    assert ravi.type("SL-01").status_code == 409  # as long as neither was chosen
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]
    assert ravi.type("SL-01", press="over").status_code == 200
    assert figures(cast, scope_of) == [("SL-01", "", 47, 50, "")]


def test_the_first_two_rows_of_a_month_are_saved_at_one_moment(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would begin the month: the second goes on with what the first began, and nobody is asked to choose."""
    vera = Typist(client_for(cast.vera), agreed)

    def after_another(**given: Any) -> Any:
        monkeypatch.setattr("reporting.views.month_sheet.import_figures", import_figures)
        import_figures(by=cast.vera, contract=agreed, source=uptime("SL-03,2024-04-01,10,0"))
        return import_figures(**given)

    monkeypatch.setattr("reporting.views.month_sheet.import_figures", after_another)
    assert vera.type("SL-01", numerator="48", denominator="50").status_code == 200
    with scope_of(cast.vera):
        assert set(Figure.objects.values_list("service_level__code", flat=True)) == {"SL-01", "SL-03"}
        assert Submission.objects.count() == 1


def test_who_saved_a_row_meanwhile_is_named_as_far_as_one_sees_them(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    """A colleague by name, the client's people by their organisation, and oneself. What was saved for other rows since names nobody."""
    late = {"numerator": "41", "denominator": "50"}
    for by, name in ((cast.marco, "Aldermoor Energy"), (cast.ravi, "Ravi Menon"), (cast.vera, "You")):
        vera = Typist(client_for(cast.vera), agreed)
        with scope_of(by):
            import_figures(by=by, contract=agreed, source=csv(f"SL-01,2024-04-01,{len(name)},50"))
        with scope_of(cast.ravi):
            import_figures(by=cast.ravi, contract=agreed, source=uptime(f"SL-03,2024-04-01,{len(name)},0"))
        assert f"{name} saved {len(name)} of 50" in html(vera.type("SL-01", **late)), name


def test_parts_are_rows_of_their_own_and_a_further_one_needs_its_name(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,40,50,Leeds"))
    vera = Typist(client_for(cast.vera), agreed)
    nameless = vera.type("SL-01", numerator_1="7", denominator_1="8")
    assert nameless.status_code == 422
    assert len(figures(cast, scope_of)) == 1
    assert vera.type("SL-01", part_1="Hull").status_code == 200
    assert [row[1:4] for row in figures(cast, scope_of)] == [("Leeds", 40, 50), ("Hull", 7, 8)]


def test_what_is_emptied_stays_as_it_was(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-01", numerator="48", denominator="50")
    answer = vera.type("SL-01", numerator="", denominator="")
    assert 'value="48"' in html(answer)
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]


def test_a_month_that_waits_takes_nothing(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-01", numerator="48", denominator="50")
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=Submission.objects.get())
    answer = vera.type("SL-01", numerator="10")
    assert answer.status_code in (409, 422)
    assert 'value="10"' in html(answer)
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]


def test_nobody_else_reaches_a_row(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    address = Typist(client_for(cast.vera), agreed).address("SL-01")
    for stranger in (cast.hana, cast.otto, cast.vera_at_brightwater):
        assert client_for(stranger).post(address, {"seen": ""}, **HTMX).status_code == 404
    assert client_for(cast.petra).post(address, {"seen": ""}, **HTMX).status_code == 403
    assert client_for(cast.vera).get(address).status_code == 302  # without script to the page that it belongs to


def test_the_same_number_of_statements_whatever_is_there(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-01", numerator="48", denominator="50")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            vera.client.get(f"{vera.base}?period=2024-04")
        return len(queries)

    statements()
    one = statements()
    vera.type("SL-03", downtime="10", maintenance="0")
    assert statements() == one


def test_what_is_accepted_stands_locked_among_what_can_still_be_added(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, agreed: Contract
) -> None:
    clock(datetime(2024, 5, 10, 9, tzinfo=UTC))  # April is due on 15 May
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=made)
    vera = client_for(cast.vera)
    typist = Typist(vera, agreed)
    assert {code: slot.locked for code, slot in typist.slots.items()} == {"SL-01": "Accepted", "SL-03": ""}
    page = html(typist.page)
    assert "What was left out can be added until its due day, without a correction." in page
    saving = [one.key for one in typist.slots.values() if f'id="slot-{one.key}" hx-post' in page]
    assert saving == [typist.slots["SL-03"].key] and "98 of 100" in page
    assert typist.type("SL-03", downtime="30", maintenance="0").status_code == 200
    refused = typist.type("SL-01", numerator="97")
    assert refused.status_code == 422 and "Say why they are corrected." in html(refused)
    with scope_of(cast.vera):
        draft = Submission.objects.get(status=Status.DRAFT)
        assert (draft.revision, draft.reason) == (2, "")
        assert Figure.objects.get(submission=draft, service_level__code="SL-01").numerator == 98
    correcting = vera.get(f"{typist.base}?period=2024-04&correct=1")
    assert not correcting.context["saves"] and "becomes a correction" in html(correcting)
    clock(datetime(2024, 5, 16, 9, tzinfo=UTC))
    late = Typist(client_for(cast.vera), agreed)
    assert not late.page.context["saves"]
