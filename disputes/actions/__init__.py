"""What can be done about relief and disputes."""

from disputes.actions.published import note_published

__all__ = ["note_published"]
