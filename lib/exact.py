"""Numbers of the database that are kept as they come out, with all their decimals."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Number = models.DecimalField[Any, Any]
else:
    Number = models.DecimalField  # cannot be indexed when the program runs

WIDEST = 1000  # digits that PostgreSQL would take for a declared precision; a number without one may have more


class ExactField(Number):
    """A number without a declared scale: 2.5 stays 2.5, and a third keeps as many decimals as whoever writes it gives it.

    A declared scale would round whatever is written, and would give every number back with as many zeros.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": WIDEST, "decimal_places": WIDEST // 2} | kwargs)

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return (
            name,
            path,
            args,
            {key: value for key, value in kwargs.items() if key not in ("max_digits", "decimal_places")},
        )
