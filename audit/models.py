"""The trail: who changed which row, written by one database trigger and by nothing else."""

from typing import ClassVar

from django.db import models

from audit.querysets import EntryQuerySet
from organisations.tenancy import TenantManager, TenantModel


class Entry(TenantModel):
    """One change of one row. Append-only, even for the owner of the database."""

    STAFF_ACCESS = "SELECT"
    AUDITED = False
    APPEND_ONLY = True

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)  # the acting membership; null for the system
    request_id = models.TextField(blank=True)
    table_name = models.TextField()
    row_id = models.BigIntegerField()
    operation = models.CharField(max_length=6)
    difference = models.JSONField()  # changed columns: [before, after]
    transaction_id = models.BigIntegerField()

    objects = TenantManager.from_queryset(EntryQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organisation", "table_name", "row_id"], name="audit_entry_row"),
            models.Index(fields=["organisation", "id"], name="audit_entry_order"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class AccountEntry(models.Model):
    """One change of an account: of a person, an e-mail address, a second factor. Append-only, and nobody's organisation's.

    Password and seeds are not in it, only that they changed. `user_id` is whose account it is.
    """

    LOGIN_ACCESS: ClassVar[str] = "SELECT"
    APPEND_ONLY: ClassVar[bool] = True

    at = models.DateTimeField()
    user_id = models.BigIntegerField()
    request_id = models.TextField(blank=True)
    table_name = models.TextField()
    row_id = models.BigIntegerField()
    operation = models.CharField(max_length=6)
    difference = models.JSONField()  # changed columns: [before, after]

    class Meta:
        indexes = [models.Index(fields=["user_id", "id"], name="account_entry_user")]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class Seal(TenantModel):
    """A stretch of the trail, hashed together with the seal before it: nothing in it can change without being seen.

    It covers the organisation's entries from `first_entry` to `last_entry`, both inclusive, `entries` in number. By scheme 1 the lines
    of the entries are hashed, by scheme 2 the hashes of the lines: an export that withholds some of them can be checked all the same.
    """

    STAFF_ACCESS = "SELECT, INSERT"
    AUDITED = False
    APPEND_ONLY = True

    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)  # SHA-256, see audit.actions
    sealed_at = models.DateTimeField()
    scheme = models.PositiveSmallIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "last_entry"], name="seal_last_entry"),
            models.UniqueConstraint(fields=["organisation", "previous_hash"], name="seal_one_chain"),
        ]

    def __str__(self) -> str:
        return f"{self.first_entry}–{self.last_entry}: {self.hash[:12]}"
