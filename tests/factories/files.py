"""Attached files of any table. Made inside an open scope."""

from hashlib import sha256
from typing import Any, TypeVar
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from files.models import StoredFile
from files.rules import FileState
from organisations.scope import current

S = TypeVar("S", bound=StoredFile)


def stored(model: type[S], content: bytes = b"ticket,minutes\n1,12\n", name: str = "tickets.csv", **fields: Any) -> S:
    """A file that is in the storage and in the table."""
    path = default_storage.save(f"{model.FOLDER}/{current().organisation_id}/{uuid4().hex}", ContentFile(content))
    given = {"name": name, "size": len(content), "stored_name": path, "state": FileState.STORED}
    return model.objects.create(**given | {"sha256": sha256(content).hexdigest()} | fields)
