"""What a row of a month's sheet shows and takes besides what is typed: what a key reported, what is cleared, notes; and its weight."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from measurements.actions import accept, import_figures, put_right, submit
from measurements.models import Figure, Submission
from organisations.actions import make_key
from reporting.pages.month_sheet import MOST_LINES
from slas.actions import import_contract
from slas.models import ServiceLevel
from tests.cast import Cast
from tests.measurements.reporting import contract, csv
from tests.reporting.typist import HTMX, Typist, figures, html
from tests.slas.contract_texts import document, level, text

NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def late_in_may(clock: Callable) -> None:
    clock(NOW)


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


@pytest.fixture
def feed(cast: Cast, scope_of: Callable, agreed: Contract) -> Callable[[str], None]:
    """`feed("48")`: what a key of Corvid's reports for SL-01, of 50; it did so already."""
    with scope_of(cast.vera):
        now = datetime.now(UTC)
        end = now + timedelta(days=30)
        _, secret = make_key(by=cast.vera, name="Ticket feed", scope="report", expires_at=end, now=now)

    def report(numerator: str) -> None:
        row = {"service_level": "SL-01", "period": "2024-04", "numerator": numerator, "denominator": "50"}
        address = f"/o/aldermoor/api/v1/contracts/{agreed.pk}/figures/"
        headers = {"Authorization": f"Bearer {secret.text}"}
        answer = Client().post(address, {"figures": [row]}, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.json()

    report("48")
    return report


def test_what_a_key_reported_stands_as_it_came_until_somebody_takes_it_over(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    agreed: Contract,
    feed: Callable,
) -> None:
    client = client_for(cast.vera)
    vera = Typist(client, agreed)
    assert {code: slot.locked for code, slot in vera.slots.items()} == {"SL-01": "By key Ticket feed", "SL-03": ""}
    page, key = html(vera.page), vera.slots["SL-01"].key
    assert "By key Ticket feed" in page and "Take it over" in page and f'name="{key}-0-numerator"' not in page
    assert "20 May 2024" in page  # when
    offered = html(client.get(f"{vera.address('SL-01')}?take", **HTMX))
    assert f'name="{key}-0-numerator"' in offered and "Key Ticket feed reported this" in offered
    without_script = html(client.get(f"{vera.base}?period=2024-04&take={key}"))
    assert f'name="{key}-0-numerator"' in without_script and "Key Ticket feed reported this" in without_script
    wrong = vera.type("SL-01", numerator="60")
    assert wrong.status_code == 422 and 'value="60"' in html(
        wrong
    )  # what was typed stays, although the key's figure stands
    assert vera.type("SL-01", numerator="47").status_code == 200
    assert figures(cast, scope_of) == [("SL-01", "", 47, 50, "")]
    assert Typist(client, agreed).slots["SL-01"].locked == ""  # it is hers now
    feed("46")
    assert Typist(client, agreed).slots["SL-01"].locked == "By key Ticket feed"


def test_what_a_key_reported_says_so_in_every_copy_until_a_ruling(
    cast: Cast,
    scope_of: Callable,
    agreed: Contract,
    feed: Callable,
) -> None:
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=Submission.objects.get())
    with scope_of(cast.marco):
        found = Submission.objects.get()
        accept(by=cast.marco, submission=found)
        level_, period = (getattr(Figure.objects.get(), name) for name in ("service_level", "period"))
        given: dict[str, Any] = {"service_level": level_, "period": period, "part": "", "reason": "Two count."}
        put_right(by=cast.marco, numbers={"relieved": 1}, **given)
        put_right(by=cast.marco, numbers={"numerator": 49}, **given)
        said = Figure.objects.order_by("submission__revision").values_list("fed_by", "fed_at")
        assert list(said) == [("Ticket feed", NOW), ("Ticket feed", NOW), ("", None)]


def test_a_row_is_cleared_on_request_alone(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    agreed: Contract,
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-01", numerator="48", denominator="50")
    emptied = html(vera.type("SL-01", numerator="", denominator=""))
    assert "What is left empty stays as it is saved." in emptied and "Clear this row" in emptied
    stale = vera.type("SL-01", seen="0" * 16, press="clear")
    assert stale.status_code == 409 and len(figures(cast, scope_of)) == 1
    cleared = vera.type("SL-01", seen=vera.slots["SL-01"].there, press="clear")
    assert cleared.status_code == 200 and "0 of 2 service levels ready" in html(cleared)
    assert figures(cast, scope_of) == []
    assert vera.type("SL-01", press="clear").status_code == 422  # there is nothing left
    assert vera.type("SL-01", numerator="48", denominator="50").status_code == 200  # and taken back again
    assert figures(cast, scope_of) == [("SL-01", "", 48, 50, "")]


def test_what_waits_or_is_accepted_is_not_cleared(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    clock: Callable,
    agreed: Contract,
) -> None:
    clock(datetime(2024, 5, 10, 9, tzinfo=UTC))
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-01", numerator="48", denominator="50")
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=Submission.objects.get())
    assert vera.type("SL-01", press="clear").status_code == 422
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=Submission.objects.get())
    vera = Typist(client_for(cast.vera), agreed)
    assert (
        vera.type("SL-03", downtime="30", maintenance="0").status_code == 200
    )  # a draft that adds to what is accepted
    refused = vera.type("SL-01", press="clear")
    assert refused.status_code == 422 and "Its figures are accepted." in html(refused)
    with scope_of(cast.vera):
        assert Figure.objects.filter(service_level__code="SL-01").count() == 2


def test_a_note_is_there_when_it_is_asked_for(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    agreed: Contract,
) -> None:
    client = client_for(cast.vera)
    vera = Typist(client, agreed)
    note = vera.slots["SL-01"].line.aside[-1].name
    assert f'name="{note}"' not in html(vera.page)
    opened = vera.type("SL-01", numerator="48", denominator="50", press="aside")
    assert f'name="{note}"' in html(opened) and len(figures(cast, scope_of)) == 1
    vera.type("SL-01", note="Two came late.")
    assert "Two came late." in html(client.get(f"{vera.base}?period=2024-04"))
    # Without script the page comes back with what was typed.
    key = vera.slots["SL-03"].key
    page = html(client.post(f"{vera.base}?period=2024-04", {"aside": key, f"{key}-0-downtime": "12"}))
    assert 'value="12"' in page and f'name="{key}-0-note"' in page
    assert len(figures(cast, scope_of)) == 1


def test_what_a_key_saved_meanwhile_is_said_with_its_name(
    cast: Cast, client_for: Callable, agreed: Contract, feed: Callable
) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    feed("47")
    assert "Key Ticket feed saved 47 of 50" in html(vera.type("SL-01", numerator="46"))


def test_a_sheet_of_sixty_asks_as_little_as_one_of_twenty_and_stays_light(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    found = []
    for count in (20, 60):
        levels = [level(f"SD-{n:02}", name=f"Priority {n} incidents resolved in time") for n in range(1, count + 1)]
        given = document(service_levels=levels)
        given["contract"]["reference"] = f"MSA-{count}"
        with scope_of(cast.aldermoor):
            made = import_contract(by=None, source=text(given))
            assert ServiceLevel.objects.filter(contract=made).count() == count
        with scope_of(cast.vera):
            rows = [f"SD-{n:02},2024-04-01,9{n % 10},100" for n in range(1, count + 1)]
            import_figures(by=cast.vera, contract=made, source=csv(*rows))
        client, path = client_for(cast.vera), f"contracts/{made.pk}/figures/enter/?period=2024-04"
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(path)
        typist = Typist(client, made)
        typist.type("SD-01", numerator="97")
        with CaptureQueriesContext(connection) as saving:
            assert typist.type("SD-01", numerator="98").status_code == 200
        assert len(saving) <= 25
        found.append((len(asked), len(page.content)))
    (few, small), (many, large) = found
    assert few == many
    assert small < large < 60_000


def test_what_follows_a_long_sheet_is_there_without_script_too(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    levels = [level(f"SD-{n:02}") for n in range(1, MOST_LINES + 4)]
    with scope_of(cast.aldermoor):
        made = import_contract(by=None, source=text(document(service_levels=levels)))
    client, path = client_for(cast.vera), f"contracts/{made.pk}/figures/enter/?period=2024-04"
    first = client.get(path)
    slots = [f'id="slot-{one.key}"' for one in first.context["monthly"].slots]
    shown = first.context["shown"]
    assert [one in html(first) for one in slots] == [at < MOST_LINES for at in range(MOST_LINES + 3)]
    assert f'&amp;from={MOST_LINES}">Show the other 3 service levels</a>' in html(first)
    second = client.get(f"{path}&from={shown.following}")
    assert [one in html(second) for one in slots] == [at >= MOST_LINES for at in range(MOST_LINES + 3)]
    assert "Show the service levels before these" in html(second) and "kra-1-ready" in html(second)
    # In place of the link come the rows alone, without the heading that stands above them already.
    rows = client.get(f"{path}&from={shown.following}", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="tbody#more")
    assert [one in html(rows) for one in slots] == [at >= MOST_LINES for at in range(MOST_LINES + 3)]
    assert "kra-1-ready" not in html(rows) and "<main" not in html(rows)
    # What was typed is stored nowhere else: the answer to it has all lines.
    typed = client.post(path, {first.context["monthly"].slots[-1].line.cells[0].name: "4x"})
    assert typed.status_code == 422 and all(one in html(typed) for one in slots) and 'value="4x"' in html(typed)


def test_the_answer_to_a_row_says_what_the_whole_page_says(cast: Cast, client_for: Callable, agreed: Contract) -> None:
    vera = Typist(client_for(cast.vera), agreed)
    vera.type("SL-03", downtime="10", maintenance="0")
    answer = vera.type("SL-01", numerator="48", denominator="50").context
    page = vera.client.get(f"{vera.base}?period=2024-04").context["monthly"]

    def said(monthly: Any) -> tuple[Any, ...]:
        groups = [
            (one.name, one.ready, [(slot.key, slot.word, slot.ready) for slot in one.slots]) for one in monthly.groups
        ]
        return monthly.ready, monthly.prospect, groups, [slot.key for slot in monthly.left]

    def shown(slot: Any) -> tuple[Any, ...]:
        row = slot.row
        return (
            slot.seen,
            slot.target,
            slot.before,
            slot.headroom,
            row.would,
            row.places,
            row.previous,
            row.questions,
            slot.lines,
        )

    assert said(answer["monthly"]) == said(page) and page.ready
    assert shown(answer["slot"]) == shown(page.slot((answer["slot"].level.pk, answer["slot"].row.period.pk)))


def test_a_row_that_is_saved_takes_over_what_another_counts_the_same(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    """Three rows of the same calls: each takes the count from the first that has it."""
    offered = {"kind": "ratio", "among": "Calls offered", "unit": "percent"}
    levels = [level(f"SL-0{n}", measure=offered | {"of": f"Calls of kind {n}"}) for n in (1, 2, 3)]
    with scope_of(cast.aldermoor):
        made = import_contract(by=None, source=text(document(service_levels=levels)))
    vera = Typist(client_for(cast.vera), made)
    vera.type("SL-01", numerator="90", denominator="100")
    vera.type("SL-02", numerator="7", denominator="99")
    assert vera.type("SL-03", numerator="3").status_code == 200
    numbers = {code: (numerator, denominator) for code, _, numerator, denominator, _ in figures(cast, scope_of)}
    assert numbers == {"SL-01": (90, 100), "SL-02": (7, 99), "SL-03": (3, 100)}
