"""The virus check: clamd's INSTREAM, where CLAMD_ADDRESS says where it listens. Without one files are kept unscanned, and say so."""

import logging
import socket
from typing import IO, Any, NamedTuple

from django.conf import settings

from files.rules import Scan

log = logging.getLogger(__name__)
SECONDS = 30  # for each step; 25 MB take about one
CHUNK = 1 << 16


class Answer(NamedTuple):
    """`virus` is its name as clamd calls it, empty where none was found or nothing was scanned."""

    said: Scan
    virus: str = ""


def scan(file: IO[bytes] | Any) -> Answer:
    """Ask clamd about a file, from its beginning. Where it does not answer, or does not know, the file is not scanned."""
    if not settings.CLAMD_ADDRESS:
        return Answer(Scan.NONE)
    try:
        with _connected(settings.CLAMD_ADDRESS) as clamd:
            said = _instream(clamd, file)
    except OSError as away:
        log.error("The virus check does not answer: %s", away)
        return Answer(Scan.NONE)
    if said.endswith("FOUND"):
        return Answer(Scan.NONE, said.removeprefix("stream: ").removesuffix("FOUND").strip())
    if not said.endswith("OK"):
        log.error("The virus check failed: %s", said)
        return Answer(Scan.NONE)
    return Answer(Scan.CLEAN)


def _connected(address: str) -> socket.socket:
    """`/run/clamd.sock`, or `host:3310`."""
    if address.startswith("/"):
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(SECONDS)
        local.connect(address)
        return local
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


def _instream(clamd: socket.socket, file: Any) -> str:
    """Each chunk behind its length; an empty one ends the stream."""
    clamd.sendall(b"zINSTREAM\0")
    file.seek(0)
    while chunk := file.read(CHUNK):
        clamd.sendall(len(chunk).to_bytes(4, "big") + chunk)
    clamd.sendall(bytes(4))
    said = b""
    while not said.endswith(b"\0") and (part := clamd.recv(4096)):
        said += part
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
