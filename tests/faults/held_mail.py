"""A mail backend that writes files, as the other tests' does, and does not come back from a delivery while it is told to hold.

The worker that is killed over it has sent an email and not noted it.
"""

import time
from pathlib import Path

from django.conf import settings
from django.core.mail.backends import filebased

HOLD = "hold"  # a file of this name in the folder beside the emails; the first email that is held renames it to
HELD = "held"


class EmailBackend(filebased.EmailBackend):
    def send_messages(self, messages):
        sent = super().send_messages(messages)
        folder = Path(settings.EMAIL_FILE_PATH).parent
        try:
            (folder / HOLD).rename(folder / HELD)
        except FileNotFoundError:
            return sent
        time.sleep(60)
        return sent
