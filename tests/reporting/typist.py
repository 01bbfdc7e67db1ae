"""Somebody who fills in April on its sheet, row by row, as the page sends it."""

from collections.abc import Callable
from typing import Any

from contracts.models import Contract
from measurements.models import Figure
from tests.cast import Cast
from tests.markup import tight

HTMX = {"HTTP_HX_REQUEST": "true"}


class Typist:
    """Somebody who fills in April."""

    def __init__(self, client: Any, of: Contract) -> None:
        self.client, self.base = client, f"contracts/{of.pk}/figures/enter/"
        self.page = client.get(f"{self.base}?period=2024-04")
        self.slots = {slot.level.code: slot for slot in self.page.context["monthly"].slots}

    def type(self, code: str, seen: str | None = None, press: str = "", **given: str) -> Any:
        """`numerator="48"` into the first line of a service level, `part_1="Hull"` into the second; `press`: a button."""
        slot = self.slots[code]
        form = {f"seen-{slot.key}": slot.seen if seen is None else seen}
        for at, line in enumerate(slot.lines):
            for cell in line.all_cells:
                form[cell.name] = given.pop(f"{cell.column}_{at}" if at else cell.column, cell.text)
        assert not given
        if press:
            form[press] = slot.there if press == "over" else slot.key
        answer = self.client.post(self.address(code), form, **HTMX)
        self.slots[code] = answer.context["slot"]
        return answer

    def address(self, code: str) -> str:
        slot = self.slots[code]
        return f"{self.base}{slot.level.pk}/{slot.row.period.pk}/"


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def figures(cast: Cast, scope_of: Callable) -> list[tuple[Any, ...]]:
    with scope_of(cast.vera):
        return list(
            Figure.objects.order_by("pk").values_list("service_level__code", "part", "numerator", "denominator", "note")
        )
