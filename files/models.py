"""What all attached files have in common. Each room has a table of its own, with real keys to what the file is attached to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, Concat

from files.kinds import kind_of
from files.querysets import FileQuerySet
from files.rules import FileState, Scan
from organisations.models import Membership
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


def in_its_folder(folder: str) -> models.CheckConstraint:
    """A file of another organisation's, or of another table's, is no row's, whatever wrote the row."""
    organisation = Cast("organisation_id", TextField())
    path = Concat(Value(f"^{folder}/"), organisation, Value("/[^/]+$"), output_field=TextField())
    return models.CheckConstraint(name="%(class)s_in_its_folder", condition=Q(stored_name__regex=path))


class StoredFile(TenantModel):
    """A file, and who attached it. `stored_name` is where it lies, and says nothing.

    FOLDER: where the files of the table lie, below the root of all files; its constraint is `in_its_folder(FOLDER)`.
    ADDRESS: the name of the page that gives it out.
    PLACE: what is read with a row for `place`.
    STILL_NEEDED: the rows whose files are kept however old they are.
    """

    CALLED: ClassVar[tuple[str, ...]] = ("name",)
    ACTORS = {"added_by_id": "added_by_name"}
    FOLDER: ClassVar[str]
    ADDRESS: ClassVar[str]
    PLACE: ClassVar[str]
    STILL_NEEDED: ClassVar[Q]

    name = models.CharField(max_length=150)  # as it is shown and downloaded
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)  # hexadecimal
    stored_name = models.CharField(max_length=100)
    state = models.CharField(max_length=7, choices=FileState, default=FileState.PENDING)
    scan = models.CharField(max_length=5, choices=Scan, default=Scan.NONE, db_default=Scan.NONE)
    added_by = TenantForeignKey(Membership, null=True, related_name="+")
    added_by_name = models.CharField(max_length=120, blank=True)
    added_at = models.DateTimeField()

    objects = TenantManager.from_queryset(FileQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        abstract = True
        constraints = [models.UniqueConstraint(fields=["organisation", "stored_name"], name="%(class)s_stored_name")]
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[str, str]:
        """What it is attached to, in words, and the page of that below its organisation."""
        raise NotImplementedError

    @property
    def preview(self) -> str:
        """How it can be shown: "image", "pdf", or not at all."""
        kind = kind_of(self.name)
        return kind.preview if kind and self.state == FileState.STORED else ""
