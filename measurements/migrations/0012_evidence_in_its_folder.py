from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models.functions import Cast, Concat

NAME = Concat(
    models.Value("^evidence/"),
    Cast("organisation_id", models.TextField()),
    models.Value("/[^/]+$"),
    output_field=models.TextField(),
)


class Migration(migrations.Migration):
    dependencies = [("measurements", "0011_what_happened_lately")]

    operations = [
        AddConstraintNotValid(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(stored_name__regex=NAME), name="evidence_in_its_folder"
            ),
        ),
    ]
