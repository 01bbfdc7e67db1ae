"""Finding entries of the trail: by person, by object with everything that hangs from it, by time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from lib.exact_json import ExactDecoder
from organisations.scope import current, current_organisation_id
from organisations.tenancy import TenantModel

Tenant = type[TenantModel]


def may_be_read(model: Any) -> bool:
    """Whether whoever the scope is of has any right to see rows of the table: a vendor's people see some tables not at all."""
    return current().vendor_id is None or "SELECT" in model.VENDOR_ACCESS


def audited() -> dict[str, Any]:
    """The models whose changes are in the trail, by their table: those that the reader may see anything of."""
    found = (model for model in apps.get_models() if getattr(model, "AUDITED", False))
    return {model._meta.db_table: model for model in found if may_be_read(model)}


def named(name: str) -> Any:
    """The audited model that an address calls by this name, such as `contract`; None where there is none."""
    return next((model for model in audited().values() if model._meta.model_name == name), None)


def paths(model: Tenant, target: Tenant, steps: int = 2) -> Iterator[str]:
    """How the rows of one model lead to rows of another, over at most two keys: `contract_id`, `submission__contract_id`."""
    for field in model._meta.local_concrete_fields:
        to = field.related_model
        if field.name == "organisation":
            continue  # everything hangs from it
        if to is target:
            yield field.attname
        elif steps > 1 and isinstance(to, type) and issubclass(to, TenantModel) and may_be_read(to):
            yield from (f"{field.name}__{path}" for path in paths(to, target, steps - 1))


def naming_values(wanted: Mapping[Any, Iterable[int]]) -> dict[Any, dict[int, dict[str, Any]]]:
    """The columns that rows of several tables are called by, with values as the trail has them. One statement; rows that are gone, or not
    to be seen, are left out."""
    found: dict[Any, dict[int, dict[str, Any]]] = {model: {} for model in wanted}
    models = list(wanted)
    parts: list[str] = []
    values: list[Any] = []
    for place, model in enumerate(models):
        columns = ", ".join(f"'{field.column}', \"{field.column}\"" for field in called(model))
        where = f'"{model.ORGANISATION_COLUMN}" = %s AND id = ANY(%s)'
        named = f"SELECT {place}, id, jsonb_build_object({columns})::text"
        parts.append(f'{named} FROM "{model._meta.db_table}" WHERE {where}')
        values += [current_organisation_id(), list(wanted[model])]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for place, pk, row in cursor.fetchall():
            found[models[place]][pk] = json.loads(row, cls=ExactDecoder)
    return found


def called(model: Any) -> list[Any]:
    """The fields that name a row of the model to people; none where the model has none of them, and then it is called by its noun alone."""
    fields = {field.name: field for field in model._meta.local_concrete_fields}
    return [fields[name] for name in getattr(model, "CALLED", ("name",)) if name in fields]


class EntryQuerySet(models.QuerySet[Any]):
    def open_to_reader(self) -> "EntryQuerySet":
        """For the client's people without what a vendor has in preparation: they see that when it is submitted. What a vendor's people
        see is what concerns the vendor: the database shows them nothing else."""
        found: EntryQuerySet = self
        if current().vendor_id is not None:
            return found
        for table, model in audited().items():
            closed = getattr(model, "CLOSED_TO_STAFF", None)
            if closed is not None:
                seen = model.objects.exclude(closed).values("pk")
                found = found.exclude(Q(table_name=table) & ~Q(row_id__in=seen))
        return found

    def of(self, target: Tenant, pk: int) -> "EntryQuerySet":
        """Changes of one object and of what hangs from it, also of what was removed meanwhile."""
        wanted = Q(table_name=target._meta.db_table, row_id=pk)
        for table, model in audited().items():
            for path in paths(model, target):
                wanted |= Q(table_name=table, row_id__in=model.objects.filter(**{path: pk}).values("pk"))
                if "__" not in path:
                    wanted |= Q(table_name=table, operation="DELETE", **{f"difference__{path}__0": pk})
        return self.filter(wanted)

    def between(self, begin: datetime | None, end: datetime | None) -> "EntryQuerySet":
        """From the one moment on, and before the other."""
        found: EntryQuerySet = self
        if begin:
            found = found.filter(at__gte=begin)
        return found.filter(at__lt=end) if end else found
