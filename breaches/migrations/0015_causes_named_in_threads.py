from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0014_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="threadentry",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("staff", "Too few people, or not trained"),
                    ("process", "The process, or not following it"),
                    ("system", "A system or tool failed"),
                    ("supplier", "A supplier of the vendor’s"),
                    ("client", "Something the client owed"),
                    ("demand", "More work than foreseen"),
                    ("data", "Wrong or missing data"),
                    ("outside", "Outside everybody’s control"),
                    ("other", "Something else"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
    ]
