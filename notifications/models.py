"""Events, what they put into people's inboxes, and what is sent: the outbox."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from notifications.querysets import AccountLetterQuerySet, NotificationQuerySet
from notifications.rules import DIGEST_AT, LetterKind
from organisations.models import Invitation, Membership, Vendor
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


class Event(TenantModel):
    """Something that happened and that people want to know. `key` makes it happen once, however often the work runs.

    Kind "approval" asks for a decision; `decided_at` says since when it needs none any more.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    VENDOR_ACCESS = "SELECT"
    AUDITED = False
    # Of whatever contract it is: who is limited to some sees what went into the own inbox.
    LIMITED_TO = "(id IN ( SELECT notifications_notification.event_id\n   FROM notifications_notification))"

    vendor = TenantForeignKey(
        Vendor, null=True, related_name="+"
    )  # whose people may read it; null: the client's own matter
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    detail = models.CharField(max_length=500, blank=True)
    path = models.CharField(max_length=300, blank=True)  # below the organisation's address
    # Sent at once to whoever wants that, whatever they want of its kind and however quiet the hour.
    critical = models.BooleanField(default=False, db_default=False)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="event_key")]
        indexes = [
            models.Index(
                fields=["organisation"], name="event_to_decide", condition=Q(kind="approval", decided_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.title


class Notification(TenantModel):
    """An event in one person's inbox, and the e-mail about it, sent at least once under a constant message id.

    What is due for a person at the same time is one email, and shares its `mail_id` from the first try on. A worker claims an email
    by a lease; a killed worker's lease runs out and another sends. After 8 tries it is given up, visibly.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    VENDOR_ACCESS = "SELECT, UPDATE"
    AUDITED = False
    LIMITED_TO = "(member_id = ( SELECT (current_setting('app.actor_id'::text))::bigint AS current_setting))"

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the member's
    event = TenantForeignKey(Event, related_name="notifications")
    member = TenantForeignKey(Membership, related_name="notifications")
    read_at = models.DateTimeField(null=True)
    mail_id = models.UUIDField()
    due_at = models.DateTimeField()  # not tried before this
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    attempt_started_at = models.DateTimeField(null=True)  # a try began of which nothing is recorded yet
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager.from_queryset(NotificationQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "event", "member"], name="notification_once")]
        indexes = [
            models.Index(fields=["organisation", "member", "-created_at"], name="notification_inbox"),
            models.Index(
                fields=["organisation", "due_at"],
                name="notification_to_send",
                condition=Q(sent_at=None, given_up_at=None),
            ),
            models.Index(fields=["organisation", "member", "sent_at"], name="notification_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} for {self.member_id}"


class InvitationLetter(TenantModel):
    """The email of one edition of an invitation: to somebody who is no member yet, so it stands in no inbox.

    It is sent at least once under a constant message id, claimed by a lease, tried again and given up like any other.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE, DELETE"
    VENDOR_ACCESS = "SELECT"
    AUDITED = False

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the invitation's
    invitation = TenantForeignKey(Invitation, related_name="letters")
    edition = models.PositiveSmallIntegerField()
    mail_id = models.UUIDField()
    due_at = models.DateTimeField()  # not tried before this
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "invitation", "edition"], name="invitation_letter_once")
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_at"],
                name="invitation_letter_to_send",
                condition=Q(sent_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"edition {self.edition} of invitation {self.invitation_id}"


class LetterPreferences(TenantModel):
    """How somebody wants to be written to: at once, once a day, or not at all, for each kind of news. Without a row, at once."""

    CALLED = ("member",)
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the member's
    member = TenantForeignKey(Membership, related_name="letter_preferences")
    kinds = models.JSONField(default=dict)  # kind: LetterTiming; what is not named is sent at once
    timezone = models.CharField("time zone", max_length=40, blank=True)  # of the digest; empty: the organisation's
    digest_at = models.TimeField("digest at", default=DIGEST_AT)
    critical_at_once = models.BooleanField("critical at once", default=True, db_default=True)
    version = models.PositiveIntegerField(default=1)  # optimistic lock

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "member"], name="letter_preferences_once")]

    def __str__(self) -> str:
        return f"of member {self.member_id}"


class Bounce(TenantModel):
    """A letter came back for good. While it is there no letter is sent to that address of that member."""

    VENDOR_ACCESS = "SELECT"
    AUDITED = False

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the member's
    member = TenantForeignKey(Membership, related_name="bounces")
    address = models.EmailField()
    at = models.DateTimeField()
    status = models.CharField(max_length=20)  # RFC 3463, such as 5.1.1
    reason = models.CharField(max_length=300, blank=True)  # as the other side put it

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "member", "address"], name="bounce_once")]

    def __str__(self) -> str:
        return f"{self.address}: {self.status}"


class AccountLetter(models.Model):
    """An email about an account that waits to be sent: to an address, not to a member, so it is nobody's organisation's.

    It is removed when it has been sent. The body lies encrypted, for it may hold a link that opens an account.
    """

    LOGIN_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"

    kind = models.CharField(max_length=10, choices=LetterKind)
    to = models.EmailField()
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    mail_id = models.UUIDField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountLetterQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="account_letter_due", condition=Q(given_up_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"
