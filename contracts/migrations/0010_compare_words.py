"""Words with typing errors are compared by their parts of three letters."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contracts", "0009_find_periods_by_month")]

    operations = [TrigramExtension()]
