from django.apps import AppConfig


class LibConfig(AppConfig):
    """An app for its template tags only: no models, no business words."""

    name = "lib"
