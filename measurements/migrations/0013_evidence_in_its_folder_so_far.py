from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("measurements", "0012_evidence_in_its_folder")]

    operations = [ValidateConstraint(model_name="evidence", name="evidence_in_its_folder")]
