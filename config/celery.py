"""The Celery application. A task carries ids only; Redis may be flushed at any moment with nothing lost."""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init

from config import broker, starts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.use()
app = Celery("plumbline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config"])
for starting in (celeryd_init, beat_init):
    starting.connect(starts.refuse_powerful_worker)
