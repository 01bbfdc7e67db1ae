"""The trail: who changed which row, written by one database trigger and by nothing else."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.querysets import EntryQuerySet
from lib.exact_json import ExactJSONField
from organisations.tenancy import TenantManager, TenantModel


class Entry(TenantModel):
    """One change of one row. Append-only, even for the owner of the database; what is old goes where a checkpoint is written.

    `concerned_vendor_id`: the vendor who may see the row, by the rights of its table; that vendor's managers see the entry, too.
    """

    STAFF_ACCESS = "SELECT"
    VENDOR_ACCESS = "SELECT"
    VENDOR_COLUMN = "concerned_vendor_id"
    LIMITED_TO = "false"  # it is about all contracts of the vendor
    AUDITED = False
    APPEND_ONLY = True

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)  # the acting membership; null for the system
    request_id = models.TextField(blank=True)
    table_name = models.TextField()
    row_id = models.BigIntegerField()
    operation = models.CharField(max_length=6)
    difference = ExactJSONField()  # changed columns: [before, after]
    transaction_id = models.BigIntegerField()
    concerned_vendor_id = models.BigIntegerField(null=True)

    objects = TenantManager.from_queryset(EntryQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organisation", "table_name", "row_id"], name="audit_entry_row"),
            models.Index(fields=["organisation", "id"], name="audit_entry_order"),
            models.Index(
                fields=["organisation", "concerned_vendor_id", "id"],
                name="audit_entry_vendor",
                condition=Q(concerned_vendor_id__isnull=False),
            ),
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
    difference = ExactJSONField()  # changed columns: [before, after]

    class Meta:
        indexes = [models.Index(fields=["user_id", "id"], name="account_entry_user")]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class Stretch(TenantModel):
    """Entries in a row, hashed together with the seal before: nothing in them can change without being seen.

    From `first_entry` to `last_entry`, both inclusive, `entries` in number.
    """

    AUDITED = False
    APPEND_ONLY = True

    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)  # SHA-256, see audit.actions.seals
    sealed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.first_entry}–{self.last_entry}: {self.hash[:12]}"


class Seal(Stretch):
    """The organisation's chain. By scheme 1 the lines of the entries are hashed, by scheme 2 the hashes of the lines: an export that
    withholds some of them can be checked all the same.
    """

    STAFF_ACCESS = "SELECT, INSERT"

    scheme = models.PositiveSmallIntegerField(default=1, db_default=1)

    class Meta(Stretch.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["organisation", "last_entry"], name="seal_last_entry"),
            models.UniqueConstraint(fields=["organisation", "previous_hash"], name="seal_one_chain"),
        ]


class VendorSeal(Stretch):
    """A vendor's own chain over the entries that concern it, by scheme 2: it learns nothing of what else happens."""

    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT"
    VENDOR_COLUMN = "concerned_vendor_id"
    LIMITED_TO = "false"

    concerned_vendor_id = models.BigIntegerField()
    scheme: ClassVar[int] = 2

    class Meta(Stretch.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "concerned_vendor_id", "last_entry"], name="vendorseal_last_entry"
            ),
            models.UniqueConstraint(
                fields=["organisation", "concerned_vendor_id", "previous_hash"], name="vendorseal_one_chain"
            ),
        ]


class Checkpoint(TenantModel):
    """Entries up to `last_entry` are gone, because the organisation keeps them no longer; `hash` is that of the seal there.

    Of the organisation's chain, or of a vendor's. When it is written, the database removes the entries. The signature is the
    application's (`lib.encryption.sign`): whoever has the database alone can make none.
    """

    STAFF_ACCESS = "SELECT, INSERT"
    VENDOR_ACCESS = "SELECT"
    VENDOR_COLUMN = "concerned_vendor_id"
    LIMITED_TO = "false"
    AUDITED = False
    APPEND_ONLY = True
    ON_INSERT = ("audit_forget",)

    concerned_vendor_id = models.BigIntegerField(null=True)
    last_entry = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    signature = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "concerned_vendor_id", "last_entry"], name="checkpoint_latest")]

    def __str__(self) -> str:
        return f"{self.last_entry}: {self.hash[:12]}"
