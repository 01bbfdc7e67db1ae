"""Beat goes by the monotonic clock alone: a machine whose clock was ahead, or is set back, is no reason to be silent."""

import json
import time

import redis
from celery import beat as celery_beat

from config.beat_scheduler import Scheduler
from config.celery import app
from lib import wakeup


def sent_by(scheduler, monkeypatch, seconds):
    """How many calls a scheduler sends in so many seconds."""
    calls = []
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: calls.append(entry.task))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(max(0.0, min(scheduler.tick(), until - time.monotonic())))
    return calls


def test_it_calls_at_once_and_each_so_many_seconds_whatever_the_clock_says(monkeypatch, tmp_path):
    monkeypatch.setitem(app.conf.beat_schedule["tick"], "schedule", 0.2)
    scheduler = Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    monkeypatch.setattr(type(scheduler), "producer", None)
    calls = sent_by(scheduler, monkeypatch, 0.9)
    assert set(calls) == {"plumbline.tick"}
    assert 2 <= len(calls) <= 5
    now = time.time
    for hours_off in (10_000, -10_000):
        monkeypatch.setattr(time, "time", lambda hours_off=hours_off: now() + hours_off * 3600)
        assert len(sent_by(scheduler, monkeypatch, 0.5)) >= 2
    assert (tmp_path / "schedule").exists()
    assert isinstance(scheduler, celery_beat.Scheduler)
    assert app.conf.beat_scheduler == "config.beat_scheduler:Scheduler"


def test_a_call_has_no_end_by_anybodys_clock(redis_url, tmp_path):
    """Calls that ran out after 59 seconds were thrown away by a worker whose clock was 90 seconds ahead of beat's: every tick."""
    scheduler = Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    scheduler.tick()
    wakeup.ring(wakeup.WORK, 1)
    with redis.Redis.from_url(redis_url) as client:
        calls = [json.loads(call)["headers"] for call in client.lrange("celery", 0, -1)]
    assert {call["task"] for call in calls} == {"plumbline.tick", "plumbline.work"}
    assert [(call["expires"], call["eta"]) for call in calls] == [(None, None)] * len(calls)
