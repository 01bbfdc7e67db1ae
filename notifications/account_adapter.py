"""allauth's emails go through the outbox; the rest of the hooks is in `organisations.adapters`."""

from typing import Any

from lib.wakeup import ACCOUNT_LETTERS, ring_all
from notifications.actions.account_letters import write_account_letter
from organisations.adapters import ClosedAccounts


class Accounts(ClosedAccounts):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, {"email": email} | context)
        write_account_letter(to=email, subject=message.subject, body=message.body)
        ring_all(ACCOUNT_LETTERS)
