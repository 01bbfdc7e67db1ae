"""docs/api.md is true: its examples run against a real web process, and its table of problems is the API's."""

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from api.endpoints import Pages
from api.figures import MOST_ROWS
from api.problems import KINDS, OF_CODE
from api.urls import urlpatterns
from measurements.actions import withdraw
from measurements.models import Submission
from organisations.actions import make_key
from tests.ground.commands import CHECKOUT, block

GUIDE = (CHECKOUT / "docs/api.md").read_text()


@pytest.fixture
def called(committed, agreed, cast, scope_of, processes):
    """What the examples take for granted: an address, a key of Vera's that may report, and a contract."""
    now = datetime.now(UTC)
    with scope_of(cast.vera):
        _, secret = make_key(by=cast.vera, name="Guide", scope="report", expires_at=now + timedelta(days=30), now=now)
    return {"PLUMBLINE": f"{processes.web()}/o/aldermoor", "KEY": secret.text, "CONTRACT": str(agreed.pk)}


def run(example: str, called: dict[str, str]) -> dict:
    code = block("api.md", "sh", f"# {example}\n")
    done = subprocess.run(["sh", "-eu", "-c", code], env=called, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_examples_run(called, agreed, cast, scope_of, capsys, tmp_path) -> None:
    (listed,) = run("contracts", called)["results"]
    assert listed["reference"] == agreed.reference
    (draft,) = run("once", called)
    assert run("once", called) == [draft]
    assert run("due", called)["count"]
    called |= {"SUBMISSION": str(draft["id"]), "FILE": str(tmp_path / "april.pdf")}
    (tmp_path / "april.pdf").write_bytes(b"%PDF-1.7")
    assert run("preview", called)["results"][0]["value"] == "97"
    assert (
        run("evidence: files are parts of a form; the type of each follows from its name and content", called)["count"]
        == 1
    )
    with scope_of(cast.vera):
        called["VERSION"] = str(Submission.objects.get().version)
    assert run("submit: what is declared stands on the receipt in the key's name", called)["status"] == "submitted"
    with scope_of(cast.aldermoor):
        withdraw(by=None, submission=Submission.objects.get())
    (sent,) = run("figures", called)
    assert sent["status"] == "submitted"
    with scope_of(cast.vera):
        assert Submission.objects.get(contract=agreed).status == "submitted"
    assert run("results", called)["count"] == 0  # nobody has accepted them yet
    client = block("api.md", "python", "import json")
    assert len([line for line in client.splitlines() if line]) <= 20
    names = dict(called)
    exec(compile(client + block("api.md", "python", "# the points"), "docs/api.md", "exec"), names)  # noqa: S102
    assert capsys.readouterr().out == f"{agreed.reference} 0\n"


def test_every_problem_and_every_address_is_in_the_guide() -> None:
    listed = re.findall(r"^\| (\d{3}) \| `([\w-]+)` \|", GUIDE, re.M)
    kinds = [*KINDS.items(), *((403, kind) for kind in OF_CODE.values())]
    assert sorted(listed) == sorted((str(int(status)), kind.name) for status, kind in kinds)
    addresses = set(re.findall(r"`([a-z-]+/[^`]*)`", GUIDE.partition("## Reporting")[0]))
    for pattern in urlpatterns:
        # What is done to one thing is described with it: people/<id>/role/ with people/, contracts/<id>/owners/set/ with …/owners/.
        parts = re.sub(r"<\w+:\w+>", "<id>", str(pattern.pattern)).split("/")
        shortest = min(3, len(parts) - 1) if parts[0] == "contracts" else 1
        assert any("/".join(parts[:end]) + "/" in addresses for end in range(shortest, len(parts))), pattern.pattern


def test_the_limits_are_those_of_the_code() -> None:
    limits = (settings.API_CALLS_PER_MINUTE, MOST_ROWS, Pages.default_limit, Pages.max_limit)
    assert limits == (600, 20_000, 100, 1000)
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 5_000_000
