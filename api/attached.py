"""Files through the API: sent as parts of a form, listed with their checksums, given out as they were attached."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from files.kinds import MAX_FILES

BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
FILE = ("id", "name", "size", "sha256", "scan", "state", "added_by_name", "added_at")


class FileOut(serializers.Serializer):
    """A file and what it can be checked by."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes")
    sha256 = serializers.CharField()
    scan = serializers.CharField(help_text="What the virus check said: clean, or none where it was not scanned")
    state = serializers.CharField(help_text="stored; or expired, blocked, where it cannot be had any more")
    added_by_name = serializers.CharField()
    added_at = serializers.DateTimeField()


class AttachmentsIn(serializers.Serializer):
    """Files that come with something: sent as multipart/form-data, each as a part called `attachments`."""

    attachments = serializers.ListField(
        child=serializers.FileField(max_length=150), required=False, max_length=MAX_FILES, default=list
    )


def files_in(given: dict[str, Any]) -> list[Any]:
    """Taken out of what a body brought."""
    found: list[Any] = given.pop("attachments", [])
    return found
