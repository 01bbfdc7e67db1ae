"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from config import starts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
starts.refuse_powerful_account()
