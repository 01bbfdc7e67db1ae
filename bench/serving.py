"""`gunicorn bench.serving:application`: one web process whose pages can be measured."""

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from config.web_process import keep_what_was_loaded, remember_addresses, with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "bench.application"
settings.MIDDLEWARE = ["bench.application.Counting", *settings.MIDDLEWARE]
django.setup(set_prefix=False)
application = with_room(WSGIHandler())  # and what follows: as in config.wsgi
remember_addresses()
keep_what_was_loaded()
