"""What can be done about breaches and credits."""

from breaches.actions.answering import acknowledge, undo_acknowledge
from breaches.actions.opening import open_due

__all__ = ["acknowledge", "open_due", "undo_acknowledge"]
