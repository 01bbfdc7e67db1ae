"""Finding attached files."""

from typing import Any

from django.db import models

from files.rules import FileState


class FileQuerySet(models.QuerySet[Any]):
    def shown(self) -> "FileQuerySet":
        """Those that people see: all but what is being written."""
        return self.exclude(state=FileState.PENDING)

    def stored(self) -> "FileQuerySet":
        """Those that can be had."""
        return self.filter(state=FileState.STORED)
