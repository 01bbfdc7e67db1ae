import django.db.models.deletion
import organisations.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    """A colleague's shared view can be what one's own portfolio opens with, too."""

    dependencies = [
        ("dashboards", "0001_saved_views"),
        ("organisations", "0018_escalation_of_breaches"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpeningView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "member",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.membership",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "view",
                    organisations.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="dashboards.savedview",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organisation", "view"], name="openingview_of_view")],
                "constraints": [models.UniqueConstraint(fields=("organisation", "member"), name="openingview_once")],
            },
        ),
    ]
