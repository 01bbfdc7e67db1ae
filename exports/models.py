"""Tables that are too large to wait for: asked for by somebody, made by a worker, kept for some days."""

from hashlib import sha256

from django.db import models
from django.db.models import Q

from exports.rules import LONGEST_ADDRESS, ExportStatus
from organisations.models import Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantModel


class TableExport(TenantModel):
    """A list's table as somebody asked for it: `address` is the list's, with its filters, order and columns."""

    CALLED = ("name", "asked_at")
    ACTORS = {"asked_by_id": "asked_by_name"}
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    LIMITED_TO = "(asked_by_id = ( SELECT (current_setting('app.actor_id'::text))::bigint AS current_setting))"

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # whose people asked; null: the client's
    name = models.CharField(max_length=40)  # of the table, and of its file
    address = models.CharField(max_length=LONGEST_ADDRESS)
    rows = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=ExportStatus, default=ExportStatus.WAITING)
    failed_because = models.TextField(blank=True)
    asked_by = TenantForeignKey(Membership, related_name="+")
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)  # a worker makes it, and nobody else until then
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            # Asked for twice, it is made once.
            models.UniqueConstraint(
                fields=["organisation", "asked_by", "address"],
                name="tableexport_waiting",
                condition=Q(status=ExportStatus.WAITING),
            )
        ]
        indexes = [
            models.Index(
                fields=["organisation", "id"], name="tableexport_due", condition=Q(status=ExportStatus.WAITING)
            ),
            models.Index(fields=["organisation", "asked_by", "-asked_at"], name="tableexport_of_member"),
        ]
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} for {self.asked_by_name}"


class TableExportFile(TenantModel):
    """What a worker made. Removed after its time; the row of the export stays and says who had taken what."""

    CALLED = ("export",)
    STAFF_ACCESS = "SELECT, INSERT, DELETE"
    VENDOR_ACCESS = "SELECT"
    LIMITED_TO = "(export_id IN ( SELECT exports_tableexport.id\n   FROM exports_tableexport))"
    AUDITED = False  # whole tables; who asked for them is in the trail by the export

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the export's
    export = TenantForeignKey(TableExport, models.CASCADE, related_name="files")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=100)  # as the web calls it
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "export"], name="tableexportfile_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_intact(self) -> bool:
        """Whether the bytes are those that were made."""
        return sha256(self.content).hexdigest() == self.sha256
