"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from config import starts
from config.web_process import keep_what_was_loaded, remember_addresses, with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = with_room(get_wsgi_application())
starts.refuse_powerful_account()
remember_addresses()
keep_what_was_loaded()
