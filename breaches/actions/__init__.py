"""What can be done about breaches."""

from breaches.actions.acknowledgement import acknowledge, undo_acknowledge
from breaches.actions.alerts import alert_due
from breaches.actions.detection import open_due

__all__ = ["acknowledge", "alert_due", "open_due", "undo_acknowledge"]
