"""What people do on the pages that join several apps."""

from dashboards.actions.reminders import REMINDS, remind
from dashboards.actions.saved_views import change_view, delete_view, save_view

__all__ = ["REMINDS", "change_view", "delete_view", "remind", "save_view"]
