"""The nginx of docs/operations.md, the real program, before a real web process with as many threads as in production."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded import children
from embedded.processes import ends_with_parent, spawn
from tests.ground.commands import CHECKOUT, block
from tests.processes import wait_for

AROUND = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr notice;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""
MANY = 12  # more than the 8 requests that two processes with four threads serve at a time
FORM = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
)


@dataclass
class Site:
    web: int
    proxy: int


def nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if not found:
        if os.environ.get("REQUIRE_PROGRAMS"):
            pytest.fail("nginx is not installed, and REQUIRE_PROGRAMS asks for it (Debian: apt install nginx).")
        pytest.skip("nginx is not installed (Debian: apt install nginx).")
    return found


def free_port() -> int:
    with children.listen(0) as free:
        return free.getsockname()[1]


def configuration(folder: Path, web: int, proxy: int) -> str:
    """The file of the documentation, without its certificate and at this test's ports."""
    site = block("operations.md", "nginx", "upstream plumbline")
    site = re.sub(r"^ +ssl_certificate.*\n", "", site, flags=re.M)
    for written, here in (("127.0.0.1:8000", f"127.0.0.1:{web}"), ("listen 443 ssl", f"listen 127.0.0.1:{proxy}")):
        assert site.count(written) == 1
        site = site.replace(written, here)
    return AROUND.format(folder=folder, site=site)


@pytest.fixture
def site(processes, tmp_path) -> Iterator[Site]:
    program, web, proxy = nginx(), free_port(), free_port()
    gunicorn = ["python", "-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"]
    assert str(gunicorn).replace("'", '"') in (CHECKOUT / "docker-compose.yml").read_text()
    served = processes.start("web", [sys.executable, *gunicorn[1:]], PORT=str(web))
    file, log = tmp_path / "nginx.conf", tmp_path / "nginx.log"
    file.write_text(configuration(tmp_path, web, proxy))
    server = spawn([program, "-e", "stderr", "-c", str(file)], log, preexec_fn=ends_with_parent(signal.SIGTERM))
    try:
        wait_for(lambda: served.gone or children.answers(web, 1), "the web process answers")
        assert not served.gone, served.log.read_text()
        wait_for(lambda: server.poll() is not None or children.answers(proxy, 1), "nginx answers")
        assert server.poll() is None, log.read_text()
        yield Site(web, proxy)
    finally:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()


@contextmanager
def half_sent(port: int) -> Iterator[None]:
    """As many clients as MANY, each of which has sent the beginning of a form."""
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            connection.sendall(FORM)
        yield


def test_the_demo_s_own_server_answers_beside_half_sent_requests(processes):
    """Nothing stands before it."""
    port = int(processes.web().rpartition(":")[2])
    with half_sent(port):
        assert all(children.answers(port, 10) for _ in range(MANY))


def test_half_sent_requests_silence_nobody(site):
    """Sent to the web process itself they do: that is why a proxy that buffers stands before it."""
    with half_sent(site.proxy):
        assert all(children.answers(site.proxy, 30) for _ in range(MANY))
        assert children.answers(site.web, 30)
    with half_sent(site.web):
        wait_for(lambda: not children.answers(site.web, 2), "every thread waits for a client")
