"""Redis that takes nothing more, and calls in it that are none: the workers live, it can be seen, and the work is done afterwards."""

import json
import os

import redis

from embedded import children
from tests.processes import wait_for


def call(**more):
    """Almost a call."""
    properties = {
        "delivery_tag": "1",
        "delivery_info": {"exchange": "", "routing_key": "celery"},
        "body_encoding": "base64",
    }
    given = {"body": "W10=", "content-encoding": "utf-8", "content-type": "application/json", "properties": properties}
    return json.dumps(given | {"headers": {"task": "plumbline.tick", "id": "1"}} | more).encode()


GARBAGE = [
    b"garbage",
    b"\x80\x04\x95\xff",
    b"{}",
    b"[]",
    b"null",
    b'{"body": "x", "headers": {}, "properties": {}}',
    call(body="@@@"),
    call(body="bnVsbA=="),
    call(headers=None),
    call(headers={"task": "no.such.task", "id": "1"}),
    call(**{"content-type": "application/x-python-serialize"}),
    call(properties=[]),
]


def test_calls_that_are_none_end_no_worker(firm, servers, processes, wake, all_done):
    worker = processes.worker()
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        for message in GARBAGE:
            client.lpush("celery", message)
        wake()
        all_done()
        assert not worker.gone, worker.log.read_text()[-3000:]
        wait_for(lambda: not client.llen("celery"), "the queue is empty")
        assert [tag for tag in client.hkeys("unacked") if tag == b"1"] == []  # nothing of it comes again


def test_a_full_redis_ends_no_worker_and_is_seen(firm, servers, processes, visitor, wake, all_done):
    """It refuses to note even that a call was taken. Pages and saved work do without it."""
    marco = visitor(firm.cast.marco)
    wake()  # waits in the queue when the worker comes
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.config_set("maxmemory", "1")
        worker = processes.start("worker", children.worker())
        wait_for(lambda: "OOM" in worker.log.read_text() or "maxmemory" in worker.log.read_text(), "it was refused")
        ready = json.loads(marco.ask("/healthz/ready").text)
        assert (ready["status"], ready["redis"]) == ("degraded", "failed")
        assert json.loads(marco.ask("/healthz/queue").text)["redis"] == "failed"
        assert marco.ask("portfolio/").status == 200
        assert not worker.gone
        client.config_set("maxmemory", "0")
    wake()
    all_done()
    assert not worker.gone
