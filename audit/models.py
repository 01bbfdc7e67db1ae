"""The trail: who changed which row, written by one database trigger and by nothing else."""

from django.db import models

from organisations.tenancy import TenantModel


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

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organisation", "table_name", "row_id"], name="audit_entry_row")]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"
