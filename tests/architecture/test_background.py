"""What the workers do is done: every task has somebody who calls it, and the documentation lists the steps as they are."""

import re

from config import tasks
from organisations.tasks import ScopedTask
from tests.architecture.sources import ROOT

STEPS = [step.name for step in tasks.STEPS]  # type: ignore[attr-defined]


def test_every_task_is_a_step_or_is_called() -> None:
    source = (ROOT / "config/tasks.py").read_text()
    called = set(re.findall(r"(\w+)\.apply_async", source))
    rung = {tasks.DELIVER, tasks.VERIFY_FILE}  # by name, through `lib.wakeup`
    forgotten = [
        name
        for name, task in vars(tasks).items()
        if isinstance(task, ScopedTask) and task.name not in {*STEPS, *rung} and name not in called
    ]
    assert forgotten == []


def test_the_steps_are_described_in_their_order() -> None:
    text = (ROOT / "docs/background-work.md").read_text().partition("## What the work does")[2].partition("\n**")[0]
    assert re.findall(r"^\| `(plumbline\.\w+)` \|", text, re.M) == STEPS
