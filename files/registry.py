"""Which tables keep files: all that are a `StoredFile`, whatever room they stand in."""

from django.apps import apps

from files.models import StoredFile


def tables() -> list[type[StoredFile]]:
    return [model for model in apps.get_models() if issubclass(model, StoredFile)]


def table(label: str) -> type[StoredFile]:
    """By its label, such as `measurements.Evidence`. KeyError where it keeps no files."""
    return {model._meta.label: model for model in tables()}[label]
