"""What makes a table an organisation's: the columns, the scoped manager, and foreign keys that cannot leave the organisation.

A model says who may do what; `organisations.row_security` derives policies, grants and constraints from that, and nothing else does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.db import models

from organisations.scope import CurrentOrganisation, current_organisation_id


class TenantManager(models.Manager[Any]):
    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(organisation_id=CurrentOrganisation())


_ST = TypeVar("_ST")
_GT = TypeVar("_GT")


class OrganisationKey(models.ForeignKey[_ST, _GT]):
    """A row's organisation: the one in scope. To migrations, which have no scope, it is a plain foreign key.

    The default is given here and not as an argument because type checkers take a column with a default for nullable.
    """

    def get_default(self) -> int:
        return current_organisation_id()

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", list(args), dict(kwargs)


class TenantForeignKey(models.ForeignKey[_ST, _GT]):
    """A foreign key inside the organisation. The database constraint is composite, (organisation, [vendor,] id), and derived."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)  # indexes are named in Meta and start with the organisation
        super().__init__(to, on_delete, **kwargs)


class TenantModel(models.Model):
    """A row of one organisation.

    STAFF_ACCESS, VENDOR_ACCESS, LOGIN_ACCESS: what each database role may do with the table ("" means it is not there for that role).
        A table that vendors write has a function that says what they may write of it: `walls/vendor_writes_<table>.sql` of its app.
    CALLED: the columns that name a row to people, such as in the trail; a key stands for what the row is called that it leads to.
    ACTORS: columns that say who did something, with the columns that keep the name ("" where there is none): the acting member's alone.
    AUDITED: whether each change is written to the trail; off only for what can be computed again.
    APPEND_ONLY: rows are never changed or removed, not even by the owner of the database.
    ON_INSERT: functions of triggers that a new row calls, by whatever role: what follows from it, or is refused beyond the constraints.
    WRITTEN_IN_SETS: thousands of rows come in one statement, so the keys are checked once for the statement and not for each row.
    ORGANISATION_COLUMN, VENDOR_COLUMN: the columns that the policies compare.
    CONTRACT_COLUMN: the column that leads to a contract, for people of a vendor who are limited to some of its contracts; None: by
        the first key to a table that has one, or, where there is none, nothing of a contract's and open to them.
    VENDOR_ROWS: a further condition on the rows that vendors' people see, as PostgreSQL prints it; empty: none.
    CLOSED_TO_STAFF: the rows that the client's people do not see into yet: a vendor's figures in preparation.
    SHARED_COLUMN: the column that says of each row whether the vendor sees it yet; "": it sees all that are its own.
    APPEND_ONLY_BUT: the columns of an append-only table that are written later all the same.
    """

    STAFF_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"
    VENDOR_ACCESS: ClassVar[str] = ""
    LOGIN_ACCESS: ClassVar[str] = ""
    CALLED: ClassVar[tuple[str, ...]] = ("name",)
    ACTORS: ClassVar[Mapping[str, str]] = {}
    AUDITED: ClassVar[bool] = True
    APPEND_ONLY: ClassVar[bool] = False
    ON_INSERT: ClassVar[Sequence[str]] = ()
    APPEND_ONLY_BUT: ClassVar[Sequence[str]] = ()
    WRITTEN_IN_SETS: ClassVar[bool] = False
    ORGANISATION_COLUMN: ClassVar[str] = "organisation_id"
    VENDOR_COLUMN: ClassVar[str] = "vendor_id"
    SHARED_COLUMN: ClassVar[str] = ""
    CONTRACT_COLUMN: ClassVar[str | None] = None
    VENDOR_ROWS: ClassVar[str] = ""
    CLOSED_TO_STAFF: ClassVar[models.Q | None] = None

    organisation = OrganisationKey(
        "organisations.Organisation",
        models.PROTECT,
        editable=False,
        related_name="+",
        db_index=False,  # every index of an organisation's table starts with it already
    )

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"


class DerivedModel(TenantModel):
    """What is worked out from facts and terms and can be worked out again: written in sets, in no trail, read by everybody.

    Its organisation has no foreign key of its own: the vendor's key holds it.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT"
    AUDITED = False
    WRITTEN_IN_SETS = True

    organisation = OrganisationKey(
        "organisations.Organisation",
        models.PROTECT,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta(TenantModel.Meta):
        abstract = True
