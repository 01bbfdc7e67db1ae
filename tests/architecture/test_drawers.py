"""Each drawer keeps to its one job: rules are pure, models hold no workflow, one function changes a status, and views name
their action."""

import ast
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from organisations import row_security
from organisations.rules import PERMISSIONS
from organisations.tenancy import TenantModel
from tests.architecture.sources import LINE, PRODUCT, SQL, Source, imports
from tests.isolation.addresses import Address, addresses

PURE = ("django.db.models.TextChoices", "django.db.models.IntegerChoices", "django.db.models")
CLOCK = {"now", "today", "utcnow", "localdate", "localtime", "time"}
STEP = {app: number for number, step in enumerate(LINE) for app in step}

# Where SQL is written by hand: in the pipeline, at the door, in commands, and where actions change whole sets. A view that
# needs a statement of its own asks a queryset for it.
BY_HAND = {"lib", "organisations", "evaluation", "config", "embedded", "demo"}
BY_HAND_DRAWERS = {"actions", "querysets"}
# Who may look at memberships without a scope: the door, and the list of one's own organisations.
# The doors, and what defines them: a key is looked up by organisation and prefix before there is a scope, as a membership is.
UNSCOPED = {
    "organisations/api_keys.py",
    "organisations/middleware.py",
    "organisations/models/__init__.py",
    "organisations/models/settings.py",
    "organisations/presence.py",
}


def drawer(*names: str) -> list[Source]:
    return [source for source in PRODUCT if source.drawer in names]


def calls(source: Source) -> Iterator[ast.Call]:
    return calls_in(source.tree)


def calls_in(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def attribute(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def test_rules_are_pure() -> None:
    """No database, no request, no clock: `now` is an argument."""
    impure = []
    for source in drawer("rules"):
        outside = {name for name in imports(source.tree) if name.startswith(("django.", "rest_framework", "celery"))}
        impure += [f"{source} imports {name}" for name in sorted(outside - set(PURE))]
        impure += [f"{source}:{call.lineno} reads the clock" for call in calls(source) if attribute(call.func) in CLOCK]
        impure += [f"{source} queries" for node in ast.walk(source.tree) if attribute(node) == "objects"]  # type: ignore[arg-type]
    assert impure == []


def test_models_hold_no_workflow() -> None:
    found = [
        f"{source}: {node.name}"
        for source in drawer("models")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "clean", "full_clean"}
    ]
    assert found == []


def test_actions_see_no_request_and_enqueue_nothing() -> None:
    forbidden = ("django.http", "django.core.mail", "celery", "lib.wakeup", "lib.htmx", "django.shortcuts")
    found = [
        f"{source}: {name}"
        for source in drawer("actions")
        if source.app != "notifications"  # whose job it is to send what others have said
        for name in imports(source.tree)
        if name.startswith(forbidden)
    ]
    assert found == []


# What reads the clock of the process: one of several web processes, workers or commands.
OWN_CLOCK = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "time.time"}
# Only show, and change nothing: when something is allowed is decided again by the action that follows.
ONLY_SHOW = {"examine_draft", "add_from", "plan_day"}
# `try` judges a file in a transaction of its own that is rolled back.
TRIAL = "scorecards/trial.py"


def own_clock(node: ast.AST) -> bool:
    """Whether the time of the process is in it; `localdate()` without a moment reads it, too."""
    return any(
        ast.unparse(one) in OWN_CLOCK
        if isinstance(one, ast.Attribute)
        else isinstance(one, ast.Call) and attribute(one.func) in {"localdate", "localtime"} and not one.args
        for one in ast.walk(node)
    )


def named_by_own_clock(function: ast.FunctionDef) -> set[str]:
    """Names in a function that are given the time of the process."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=True)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                found |= {name.id for name, value in pairs if isinstance(name, ast.Name) and own_clock(value)}
    return found


def decided_by_own_clock(source: Source) -> Iterator[str]:
    """Calls of actions that are given the time of the process."""
    acts = {
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and "actions" in (node.module or "").split(".")
        for alias in node.names
    }
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = named_by_own_clock(function)
        for call in calls_in(function):
            called = ast.unparse(call.func)
            if called.split(".")[-1] in ONLY_SHOW or not (called in acts or "actions." in called):
                continue
            for given in [*call.args, *(keyword.value for keyword in call.keywords)]:
                if own_clock(given) or any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(given)):
                    yield f"{source}:{call.lineno} {called}"


def test_what_is_decided_goes_by_the_time_of_the_database() -> None:
    """The clocks of web processes, workers and commands differ; each would decide for all who was on time, or whose key has ended."""
    doing = drawer("actions", "tasks", "management")
    rooms = [source for source in PRODUCT if source.app not in {"demo", "embedded"} and source.name != TRIAL]
    found = [
        f"{source}:{node.lineno}"
        for source in doing
        if source in rooms
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Call) and own_clock(node)
    ]
    found += [told for source in rooms for told in decided_by_own_clock(source)]
    assert {source.app for source in doing} >= {"organisations", "notifications", "dashboards", "credits", "config"}
    assert found == []


def test_a_clock_of_the_process_s_own_is_found() -> None:
    text = """
from keys.actions import make_key
from terms import actions
def page(request):
    member, now = request.member, timezone.now()
    shown(now=now)
    make_key(by=member, now=now)
    actions.start(by=member, day=timezone.localdate())
    make_key(by=member, now=clock.database_now())
"""
    source = SimpleNamespace(tree=ast.parse(text), name="x")
    found = list(decided_by_own_clock(source))  # type: ignore[arg-type]
    assert [told.split(" ")[-1] for told in found] == ["make_key", "actions.start"]


def test_actions_name_who_acts() -> None:
    """What asks whether somebody may, takes `by` and all else by keyword."""
    found = []
    for source in drawer("actions"):
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "require"
                for call in ast.walk(node)
            ):
                keywords = [argument.arg for argument in node.args.kwonlyargs]
                positional = [argument.arg for argument in node.args.args]
                found += [f"{source}: {node.name}"] if "by" not in keywords or len(positional) > 1 else []
    assert found == []


def assigned(sql: str) -> list[list[str]]:
    """For each SET of a text the columns that it gives a value."""
    found = []
    for tail in re.findall(r"\bSET\s(?=([^;]*))", sql):
        flat, left = "", tail
        while flat != left:  # what stands in brackets names columns of others
            flat, left = left, re.sub(r"\([^()]*\)", "", left)
        values = re.split(r"\b(?:WHERE|FROM|RETURNING)\b", flat)[0]
        found.append(re.findall(r"(?:^|,)\s*(\w+)\s*=", values))
    return found


def test_every_column_that_is_set_is_found() -> None:
    sql = "UPDATE a SET n = greatest(1, (SELECT max(b.n) FROM b WHERE b.status = 'x')), status = 'y' FROM c WHERE status = 'z';"
    two = "WITH d AS (UPDATE d SET m = 1 RETURNING status = 'x') UPDATE e SET m = 1, n = 2"
    assert assigned(sql + two) == [["n", "status"], ["m"], ["m", "n"]]


def test_only_transitions_change_a_status() -> None:
    found = []
    for source in PRODUCT:
        if source.name == "lib/transitions.py":
            continue
        for node in ast.walk(source.tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            found += [f"{source}:{node.lineno}" for target in targets if attribute(target) == "status"]
        for call in calls(source):
            if attribute(call.func) in {"update", "bulk_update"}:
                found += [f"{source}:{call.lineno}" for keyword in call.keywords if keyword.arg == "status"]
    for source in [*SQL, *PRODUCT]:
        found += [f"{source}: SET {columns}" for columns in assigned(source.text) if "status" in columns]
    assert [line for line in found if not line.startswith(RESPONSES)] == []


# An HTTP answer has a status too.
RESPONSES = ("lib/htmx.py", "config/", "organisations/middleware.py")


def test_no_query_goes_round_the_scope() -> None:
    found = []
    for source in PRODUCT:
        by_hand = source.app in BY_HAND or source.drawer in BY_HAND_DRAWERS
        for node in ast.walk(source.tree):
            name = attribute(node) if isinstance(node, ast.expr) else ""
            if name == "unscoped" and source.name not in UNSCOPED:
                found.append(f"{source}:{node.lineno} doors")
            if name == "_base_manager" and source.app != "lib":
                found.append(f"{source}:{node.lineno} _base_manager")
            if name in {"cursor", "raw", "extra"} and not by_hand:
                found.append(f"{source}:{node.lineno} {name}")
            if isinstance(node, ast.Name) and node.id in {"RawSQL", "connections"} and not by_hand:
                found.append(f"{source}:{node.lineno} {node.id}")
    assert found == []


def test_the_owner_of_the_database_serves_no_request() -> None:
    """The alias `owner` is for migrations, the walls and commands. (A key has an owner too: that is a person, and no connection.)"""
    alias = re.compile(r"""(connections\s*\[|using\s*[=(]|database\s*=|db_manager\()\s*["']owner["']""")
    allowed = ("config/", "demo/", "embedded/", "organisations/management/")
    found = [str(s) for s in PRODUCT if alias.search(s.text) and not s.name.startswith(allowed)]
    assert found == []


def test_keys_point_down_the_line() -> None:
    found = []
    for model in row_security.tables():
        for field in model._meta.local_concrete_fields:
            target = field.related_model if field.is_relation else None
            here = STEP.get(model._meta.app_label)
            if target is None or here is None or target._meta.app_label not in STEP:
                continue
            there = STEP[target._meta.app_label]
            same_step = model._meta.app_label != target._meta.app_label and here == there
            if there < here or same_step:
                found.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert found == []


def test_rows_name_their_accesses_rightly() -> None:
    rights = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    for model in row_security.tables():
        if issubclass(model, TenantModel):
            for access in (model.STAFF_ACCESS, model.VENDOR_ACCESS, model.LOGIN_ACCESS):
                assert {word.strip() for word in access.split(",")} - {""} <= rights, model._meta.label


@pytest.mark.parametrize("inside", [True, False])
def test_every_view_says_who_may_call_it(inside: bool) -> None:
    """Below /o/ its action; elsewhere that it is open to all, or to who is signed in (organisations/access.py)."""
    silent = [
        f"{address}: {address.view}"
        for address in addresses()
        if address.of_organisation is inside and not says(address)
    ]
    assert silent == []


def says(address: Address) -> bool:
    if address.of_organisation:
        return getattr(address.view, "action", None) in PERMISSIONS
    return getattr(address.view, "access", "") in {"all", "signed in"}
