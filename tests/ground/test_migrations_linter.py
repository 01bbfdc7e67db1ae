"""What a migration may not do to tables that people work in; each rule with what breaks it and what keeps it."""

from typing import Any

import pytest
from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

from tools import migrations as linter

NUMBER = models.CharField(max_length=20)
CHECK = models.CheckConstraint(condition=models.Q(number="1"), name="one")
INDEX = models.Index(fields=["number"], name="by_number")
TABLE = migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True)), ("number", NUMBER)])


def codes(*operations: Any, atomic: bool = True) -> list[str]:
    """The rules that a migration of these operations breaks, on a table that is there."""
    state = ProjectState()
    state.add_model(ModelState("shop", "Thing", [("id", models.BigAutoField(primary_key=True)), ("number", NUMBER)]))
    migration = migrations.Migration("0002", "shop")
    migration.operations, migration.atomic = list(operations), atomic
    return [code for code, _ in linter.problems(migration, state)]


BREAKS = {
    "index": [
        migrations.AddIndex("thing", INDEX),
        migrations.AddField("thing", "slug", models.SlugField(null=True)),
        migrations.AddField("thing", "code", models.TextField(null=True, unique=True)),
    ],
    "atomic": [postgres.AddIndexConcurrently("thing", INDEX)],
    "constraint": [
        migrations.AddConstraint("thing", CHECK),
        migrations.AddConstraint("thing", models.UniqueConstraint(fields=["number"], name="once")),
    ],
    "takes-away": [
        migrations.RemoveField("thing", "number"),
        migrations.RenameField("thing", "number", "code"),
        migrations.DeleteModel("Thing"),
        migrations.RenameModel("Thing", "Item"),
        migrations.AlterModelTable("thing", "things"),
    ],
    "no-default": [migrations.AddField("thing", "size", models.IntegerField(default=1))],
    "rewrites": [
        migrations.AlterField("thing", "number", models.CharField(max_length=10)),
        migrations.AlterField("thing", "number", models.IntegerField()),
    ],
    "walls": [migrations.RunSQL("CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ $$")],
}
KEEPS = (
    migrations.AddField("thing", "size", models.IntegerField(null=True)),
    migrations.AddField("thing", "size", models.IntegerField(default=1, db_default=1)),
    migrations.AlterField("thing", "number", models.CharField(max_length=40)),
    migrations.AlterField("thing", "number", models.CharField(max_length=20, blank=True, choices=[("1", "One")])),
    migrations.AlterField("thing", "number", models.CharField(max_length=20, null=True)),
    postgres.AddConstraintNotValid("thing", CHECK),
    postgres.ValidateConstraint("thing", "one"),
    migrations.RunSQL("UPDATE shop_thing SET number = '1'"),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("thing", "number")]),
)


@pytest.mark.parametrize(("code", "operation"), [(code, one) for code, found in BREAKS.items() for one in found])
def test_what_is_refused(code: str, operation: Any) -> None:
    assert codes(operation) == [code]


@pytest.mark.parametrize("operation", KEEPS)
def test_what_disturbs_nobody(operation: Any) -> None:
    assert codes(operation) == []


def test_concurrently_outside_a_transaction() -> None:
    assert codes(postgres.AddIndexConcurrently("thing", INDEX), atomic=False) == []


def test_a_table_that_is_new_is_nobodys_yet() -> None:
    new = migrations.CreateModel("Box", [("id", models.BigAutoField(primary_key=True)), ("number", NUMBER)])
    index, check = migrations.AddIndex("box", INDEX), migrations.AddConstraint("box", CHECK)
    assert codes(new, index, check, migrations.AddField("box", "size", models.IntegerField(default=1))) == []
    assert codes(new, migrations.AddIndex("thing", INDEX)) == ["index"]


def test_data_and_tables_apart() -> None:
    added = migrations.AddField("thing", "size", models.IntegerField(null=True))
    assert codes(added, migrations.RunSQL("UPDATE shop_thing SET size = 1")) == ["mixed"]
    assert codes(added, migrations.RunPython(lambda apps, schema_editor: None)) == ["mixed"]


def test_null_is_not_forbidden_in_one_step() -> None:
    forbidden = migrations.AlterField("thing", "size", models.IntegerField())
    assert codes(migrations.AddField("thing", "size", models.IntegerField(null=True)), forbidden) == ["rewrites"]


def test_every_rule_is_tried() -> None:
    assert set(BREAKS) | {"mixed"} == set(linter.RULES)
