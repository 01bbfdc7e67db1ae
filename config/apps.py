from django.apps import AppConfig

from config import celery  # noqa: F401  the bell rings through Celery's current application, in the web process and in commands too


class ConfigConfig(AppConfig):
    """An app for its management commands and for the Celery application: the demo and the workers stand above everything else."""

    name = "config"
