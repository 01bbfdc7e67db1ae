from django.apps import AppConfig

from config import celery  # noqa: F401  workers are woken through Celery's current application, by web and commands too


class ConfigConfig(AppConfig):
    """An app for its management commands and for the Celery application: the demo and the workers stand above everything else."""

    name = "config"
