"""The field of a form that takes files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files import File

from files.kinds import KINDS, MAX_BYTES, MAX_FILES, MEGABYTE, TAKEN


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, as a list; empty where none was chosen. The action looks at what is in them."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[File[bytes]]:
        given: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        found = [super(FilesField, self).clean(one, initial) for one in given or [None]]
        return [one for one in found if one]


def files_field(label: str = "Attach files", *, required: bool = False) -> FilesField:
    return FilesField(
        label=label,
        required=required,
        help_text=f"{TAKEN}, at most {MAX_BYTES // MEGABYTE} MB; up to {MAX_FILES} files.",
        error_messages={"required": "Choose a file first.", "empty": "The file is empty. Choose another one."},
        widget=ManyFiles(attrs={"accept": ",".join(KINDS), "multiple": True}),
    )
