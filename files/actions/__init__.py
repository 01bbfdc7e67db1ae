"""What is done with attached files, whatever they are attached to."""

from files.actions.keeping import expire_files, purge_orphans
from files.actions.scanning import scan_files
from files.actions.storing import Examined, attach_files, discard, examine
from files.actions.verification import open_as_attached, verify_files

__all__ = [
    "Examined",
    "attach_files",
    "discard",
    "examine",
    "expire_files",
    "open_as_attached",
    "purge_orphans",
    "scan_files",
    "verify_files",
]
