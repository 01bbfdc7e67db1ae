"""A person's due days as a calendar that a program fetches without signing in."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """The secret address of somebody's calendar, shown once; what is kept is its SHA-256. Nobody's organisation's: it is of a person.

    `fetches` are those of the hour that began at `hour`. Without a row the address leads nowhere.
    """

    LOGIN_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the secret, in hexadecimal digits
    made_at = models.DateTimeField()
    hour = models.DateTimeField(null=True)
    fetches = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"calendar of user {self.user_id}"
