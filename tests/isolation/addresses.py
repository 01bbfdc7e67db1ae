"""Every address of the product, taken from the URL resolver, and what foreigners are answered there.

New addresses are covered without a line here, as long as their arguments are called like the model whose row they name
(`<int:contract>`, `<int:contract_id>`, `<str:vendor_code>`); other arguments stand in WORDS. An argument that is in neither fails the test.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from organisations.models import Membership
from organisations.scope import open_scope
from organisations.tenancy import TenantModel

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CLOSED = {403, 404, 405}

# Arguments that name no row by its id: what to put there.
WORDS: dict[str, Any] = {
    "month": "2024-04",
    "year": 2024,
    "cycle": "month",
    "format": "csv",
    "part": "list",
    "page": 1,
    "revision": 1,
    "secret": "nobody-s",
}
# Arguments that name a row by another column, unique in the organisation.
COLUMNS: dict[str, tuple[str, str]] = {"reference": ("contracts.Contract", "reference")}


@dataclass(frozen=True)
class Address:
    """One URL pattern: its route with all arguments, their names, and the view."""

    route: str
    arguments: dict[str, Any] = field(hash=False)
    view: Callable[..., Any] = field(hash=False)
    pattern: URLPattern = field(hash=False)

    def __str__(self) -> str:
        return self.route or "/"

    @property
    def of_organisation(self) -> bool:
        return self.route.startswith("o/")

    def path(self, values: dict[str, Any]) -> str:
        """The path with values for the arguments, converted as the resolver would."""
        path = self.route
        for name, converter in self.arguments.items():
            path = re.sub(rf"<(\w+:)?{name}>", str(converter.to_url(values[name])), path)
        return f"/{path}"


def addresses(urlconf: str | None = None) -> list[Address]:
    """Every pattern whose view is the product's own; libraries' (sign-in) hold nothing of an organisation's."""
    found = [address for address in _walk(get_resolver(urlconf), "", {}) if _ours(address.view)]
    return sorted(found, key=lambda address: address.route)


def _ours(view: Callable[..., Any]) -> bool:
    module = getattr(view, "cls", getattr(view, "view_class", view)).__module__.split(".")[0]
    return module in {path.name for path in settings.BASE_DIR.iterdir()}


def _walk(resolver: URLResolver, route: str, arguments: dict[str, Any]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        inner = {**arguments, **entry.pattern.converters}
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route + str(entry.pattern), inner)
        else:
            yield Address(route + str(entry.pattern), inner, entry.callback, entry)


def _column_called(name: str) -> tuple[Any, str]:
    """Model and column: contract and contract_id name a contract's id, vendor_code a vendor's code."""
    if name in COLUMNS:
        label, column = COLUMNS[name]
        return apps.get_model(label), column
    models = {m._meta.model_name: m for m in apps.get_models() if issubclass(m, TenantModel)}
    words = name.split("_")
    for cut in range(len(words), 0, -1):
        model, column = models.get("".join(words[:cut])), "_".join(words[cut:]) or "pk"
        if model and (column == "pk" or column in {field.name for field in model._meta.local_fields}):
            return model, column
    raise LookupError(f"Which row is <{name}>? Call it like its model, or say so in tests/isolation/addresses.py.")


def own_values(address: Address, owner: Membership) -> dict[str, Any]:
    """Values of the arguments that name rows of the owner's organisation (and vendor); raises LookupError for unknown ones."""
    values: dict[str, Any] = {}
    for index, name in enumerate(address.arguments):
        if index == 0 and address.of_organisation:
            values[name] = owner.organisation.slug
        elif name in WORDS:
            values[name] = WORDS[name]
        else:
            values[name] = _row(name, owner)
    return values


def _row(name: str, owner: Membership) -> Any:
    model, column = _column_called(name)
    with open_scope(organisation_id=owner.organisation_id):
        of_vendor = owner.vendor_id and model.VENDOR_ACCESS  # what no vendor sees is no vendor's
        found = model.objects.filter(**({model.VENDOR_COLUMN: owner.vendor_id} if of_vendor else {}))
        for whose in {"by", "member"} & {
            field.name for field in model._meta.local_fields
        }:  # what is one person's alone
            found = found.filter(**{whose: owner}) if found.filter(**{whose: owner}).exists() else found
        value = found.values_list(column, flat=True).order_by("pk").first()
    if value is None:
        raise LookupError(f"{owner} has no row of {model._meta.label}: give tests/factories/everything.py one.")
    return value


def names_rows(address: Address) -> bool:
    """Whether an argument besides the organisation names a row."""
    return any(name not in WORDS for name in list(address.arguments)[1:])


def names_one_of(address: Address, models: list[Any]) -> bool:
    """Whether an argument besides the organisation names a row of one of these."""
    named = [name for name in list(address.arguments)[1:] if name not in WORDS] if address.of_organisation else []
    return any(_column_called(name)[0] in models for name in named)


def answers(
    address: Address, values: dict[str, Any], client: Client, methods: tuple[str, ...] = METHODS
) -> dict[str, Any]:
    """The answer to each method; whatever it changed is rolled back."""
    found: dict[str, Any] = {}
    for method in methods:
        with transaction.atomic():
            found[method] = client.generic(method, address.path(values))
            transaction.set_rollback(True)
    return found


def open_to_foreigners(address: Address, values: dict[str, Any], client: Client) -> list[str]:
    """Methods that answered a foreigner otherwise than 403, 404 or 405. What must stay empty."""
    return [
        f"{method} {address.path(values)}: {answer.status_code}"
        for method, answer in answers(address, values, client).items()
        if answer.status_code not in CLOSED and not (method == "GET" and leads_nowhere_foreign(address, answer, client))
    ]


def leads_nowhere_foreign(address: Address, answer: Any, client: Client) -> bool:
    """An address that takes forms leads to their page: to one that names no row, or that is closed itself."""
    if not hasattr(address.view, "posted_from"):
        return False
    page = answer["Location"]
    named = set(resolve(page).kwargs) - {"organisation"}
    return not named or client.get(page).status_code in CLOSED
