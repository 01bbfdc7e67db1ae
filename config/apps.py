from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """An app for its management commands only: the demo and `try` stand above everything else."""

    name = "config"
