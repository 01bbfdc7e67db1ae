"""The alignment of a draft as a form: a matrix of KRAs and service levels."""

from decimal import Decimal
from typing import Any

from django import forms

from agreements.drafting.alignment import Matrix
from agreements.forms.fields import PlainNumber
from lib.form_fields import day_field


class MatrixForm(forms.Form):
    """A weight for each KRA (`kra-0`), and for each service level in each KRA (`cell-0-0`), by their places; empty: none."""

    from_ = day_field("In force from", help_text="First day of a month.")

    def __init__(self, *args: Any, matrix: Matrix, **more: Any) -> None:
        super().__init__(*args, **more)
        self.matrix = matrix
        for k, (code, name, weight) in enumerate(matrix.kras):
            self.fields[f"kra-{k}"] = self._weight(f"Weight of {name}", weight)
            for n, (level, level_name) in enumerate(matrix.levels):
                self.fields[f"cell-{n}-{k}"] = self._weight(
                    f"{level_name} in {name}", matrix.weights.get(level, {}).get(code)
                )

    @staticmethod
    def _weight(label: str, weight: Decimal | None) -> PlainNumber:
        field = PlainNumber(label=label, initial="" if weight is None else f"{weight.normalize():f}")
        field.widget.attrs["class"] = "input--num input--w"
        return field

    def clean(self) -> dict[str, Any]:
        """A service level that serves a KRA goes on serving one: a file cannot say that it serves none from a day on."""
        given: dict[str, Any] = super().clean() or {}
        for n, (level, _) in enumerate(self.matrix.levels):
            cells = {code: f"cell-{n}-{k}" for k, (code, *_) in enumerate(self.matrix.kras)}
            served = [cell for code, cell in cells.items() if self.matrix.weights.get(level, {}).get(code)]
            if (
                served
                and not self.errors.keys() & cells.values()
                and not any(Decimal(given[cell] or 0) for cell in cells.values())
            ):
                self.add_error(served[0], "Leave a weight, or give the service level a last day in the contract file.")
        return given

    def given(self) -> tuple[dict[str, dict[str, Decimal]], dict[str, Decimal]]:
        """Of each service level its weights, and the weight of each KRA."""
        data = self.cleaned_data
        cells = {
            level: {
                code: Decimal(data[f"cell-{n}-{k}"])
                for k, (code, *_) in enumerate(self.matrix.kras)
                if data.get(f"cell-{n}-{k}")
            }
            for n, (level, _) in enumerate(self.matrix.levels)
        }
        return cells, {code: Decimal(data[f"kra-{k}"] or "0") for k, (code, *_) in enumerate(self.matrix.kras)}

    def heads(self) -> list[Any]:
        return [
            (code, name, self[f"kra-{k}"], self.matrix.total(code))
            for k, (code, name, _) in enumerate(self.matrix.kras)
        ]

    def rows(self) -> list[Any]:
        shares = self.matrix.shares
        return [
            (code, name, [self[f"cell-{n}-{k}"] for k in range(len(self.matrix.kras))], shares[code])
            for n, (code, name) in enumerate(self.matrix.levels)
        ]
