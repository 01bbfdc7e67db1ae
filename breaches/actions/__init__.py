"""What can be done about breaches."""

from breaches.actions.acknowledgement import acknowledge, undo_acknowledge
from breaches.actions.alerts import ARE_DUE as ALERTS_ARE_DUE
from breaches.actions.alerts import STEP as ALERT_STEP
from breaches.actions.alerts import alert_due
from breaches.actions.detection import STEP as OPEN_STEP
from breaches.actions.detection import open_due

__all__ = ["ALERTS_ARE_DUE", "ALERT_STEP", "OPEN_STEP", "acknowledge", "alert_due", "open_due", "undo_acknowledge"]
