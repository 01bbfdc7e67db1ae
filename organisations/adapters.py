"""allauth's hooks: who may sign in, from where it is counted, and what links say. `notifications` adds how letters are sent."""

from typing import Any
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from organisations import devices, sessions
from organisations.client_address import client_address


class ClosedAccounts(DefaultAccountAdapter):
    """Nobody signs up by themselves: an account begins with an invitation."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address and the password do not go together.",
        "too_many_login_attempts": "Too many tries went wrong. Wait five minutes, or reset your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """People have an e-mail address and no user name."""

    def get_client_ip(self, request: HttpRequest) -> str:
        meta = request.META
        return client_address(
            meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
        )

    # Limits: tight for an account from one address, wide for an address and for an account. So whoever guesses is stopped
    # soon, and shuts out neither the colleagues behind the same proxy nor, within reason, the owner of the account.

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{self._account(credentials)}|{self.get_client_ip(request)}"

    @staticmethod
    def _account(credentials: dict[str, Any]) -> str:
        return str(credentials.get("email") or credentials.get("username") or "").strip().lower()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        of_account = ratelimit.consume(
            request, app="allauth.account", action="login_failed_account", key=self._account(credentials)
        )
        if not of_account:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage.extend(of_account.usage)  # given back together when the password is right

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A new password was set through a letter: what went wrong before counts no longer."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(request, app="allauth.account", action="login_failed_account", key=self._account(credentials))

    # Links in letters lead to where Plumbline is, whatever host the request names.

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return urljoin(settings.BASE_URL, path.replace("UID-KEY", key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return urljoin(settings.BASE_URL, reverse("account_confirm_email", args=[emailconfirmation.key]))

    def login(self, request: HttpRequest, user: Any) -> None:
        request.first_sign_in = user.last_login is None  # type: ignore[attr-defined]
        super().login(request, user)
        sessions.begin(request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """A browser that the person has not used before is written to them about, but for the very first."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if not devices.is_known(request, user) and not request.first_sign_in:  # type: ignore[attr-defined]
            self.send_notification_mail("account/email/new_device", user, {"browser": self.browser(request)})
        devices.remember(request, response, user)
        return response

    def browser(self, request: HttpRequest) -> str:
        return devices.describe_browser(self.get_http_user_agent(request))
