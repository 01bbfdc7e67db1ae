"""Organisations, their vendors, and people."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from organisations.house import House, house_of
from organisations.models.calendar_feeds import CalendarFeed as CalendarFeed
from organisations.models.settings import Logo as Logo
from organisations.models.settings import OrganisationSettings as OrganisationSettings
from organisations.querysets import ApiKeyQuerySet, InvitationQuerySet, MembershipQuerySet, VendorQuerySet
from organisations.rules import VENDOR_ROLES, Factor, Filed, InvitationStatus, KeyScope, Role, may
from organisations.tenancy import TenantForeignKey, TenantManager, TenantModel


class Organisation(models.Model):
    """The client: the tenant. A scope sees its own row only; its slug is the address under which everything stands."""

    STAFF_ACCESS: ClassVar[str] = "SELECT, UPDATE"
    VENDOR_ACCESS: ClassVar[str] = "SELECT"
    LOGIN_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE"
    AUDITED: ClassVar[bool] = True
    ORGANISATION_COLUMN: ClassVar[str] = "id"
    VENDOR_COLUMN: ClassVar[str | None] = None

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials(self.name)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What the person may do, and where, is in the memberships."""

    class Theme(models.TextChoices):
        SYSTEM = "", "Same as the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=5, choices=Theme, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    LOGIN_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE"

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials(self.name)

    # Django asks these of a user; there is no superuser and no per-model permission here.
    is_staff = False
    is_superuser = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Vendor(TenantModel):
    """A supplier of one organisation."""

    VENDOR_ACCESS = "SELECT"
    VENDOR_COLUMN = "id"

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    merged_into_code = models.CharField(max_length=40, blank=True)  # of a duplicate: the code of the one that was kept
    # How the client files it: 1 is what the client can least do without; null, not filed. No page of the vendor's people shows either.
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    service = models.CharField(max_length=60, blank=True, default="", db_default="")  # what it does, such as Payroll
    version = models.PositiveIntegerField(default=1)  # optimistic lock
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager.from_queryset(VendorQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="vendor_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def filed(self) -> Filed:
        return Filed(self.tier, self.service)


class VendorIdentifier(TenantModel):
    """A number by which a register knows a vendor, such as its company number."""

    CALLED = ("vendor", "scheme", "value")
    VENDOR_ACCESS = "SELECT"

    vendor = TenantForeignKey(Vendor, related_name="identifiers")
    scheme = models.CharField(max_length=20)  # organisations.identifiers
    value = models.CharField(max_length=40)

    class Meta(TenantModel.Meta):
        constraints = [
            # Two vendors with one company number are one company: a duplicate is seen when it is entered.
            models.UniqueConstraint(fields=["organisation", "scheme", "value"], name="identifier_once"),
            models.UniqueConstraint(fields=["organisation", "vendor", "scheme"], name="identifier_of_scheme"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class Membership(TenantModel):
    """A place in an organisation: a role, and for people of a vendor the vendor. A person has a user; an API key has none.

    Name and e-mail are those by which this organisation knows the person, so that nothing in a scope reads the users' table.
    The log-in role may look memberships up: that is how a door finds out whom it lets in. Vendors' people may add a place
    for a key of theirs, and none for a person.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT"
    LOGIN_ACCESS = "SELECT"

    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="memberships")
    vendor = TenantForeignKey(Vendor, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)  # empty for a key
    # Of a vendor's person: the ids of the contracts to which the client limits them; null: all contracts of the vendor.
    contracts = ArrayField(models.BigIntegerField(), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)  # optimistic lock
    created_at = models.DateTimeField(auto_now_add=True)

    # What a key may do at most, and who answers for it; set by the door that let it in. None for people.
    key_actions: frozenset[str] | None = None
    key_owner_id: int | None = None
    # The day from which the person must have a second factor, where it lacks and is still to come; set by the door.
    factor_due: date | None = None

    objects = TenantManager.from_queryset(MembershipQuerySet)()  # type: ignore[misc]
    # Unscoped: only the doors and the list of one's own organisations may use it, always with a user.
    unscoped: ClassVar[models.Manager["Membership"]] = models.Manager()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="membership_once"),
            models.CheckConstraint(
                name="membership_vendor_roles",
                condition=Q(vendor__isnull=False, role__in=sorted(VENDOR_ROLES))
                | Q(vendor__isnull=True) & ~Q(role__in=sorted(VENDOR_ROLES)),
            ),
            models.CheckConstraint(
                name="membership_contracts_of_vendor", condition=Q(contracts=None) | Q(vendor__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def may(self, action: str) -> bool:
        if self.user_id is None and action not in (self.key_actions or ()):
            return False
        return self.is_active and may(self.role, action)

    def sees_contract(self, contract_id: int) -> bool:
        """For people of a vendor, of that vendor's contracts: whether the client has not limited them to others."""
        return self.contracts is None or contract_id in self.contracts

    @property
    def house(self) -> House:
        """What the pages look like that this member sees. The door has read it; for others, who look at none, the usual one."""
        return house_of(vars(self).get("house_values"))

    @property
    def is_key(self) -> bool:
        return self.user_id is None

    @property
    def in_charge_id(self) -> int:
        """Whose contracts count as this member's: of a key those of the person who answers for it."""
        return self.key_owner_id or self.pk

    @property
    def reads_trail(self) -> bool:
        """Whether pages of an object lead to its history."""
        return self.contracts is None and self.may("audit.view")

    @property
    def is_vendor(self) -> bool:
        return self.vendor_id is not None

    @property
    def initials(self) -> str:
        return initials(self.name)


class Presence(TenantModel):
    """When a member was here last, and with which second factor: written by the door, so that people pages need not look
    at the accounts, which belong to no organisation. Not in the trail: it changes without anybody's deciding."""

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    LOGIN_ACCESS = "SELECT"
    AUDITED = False

    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the member's
    member = TenantForeignKey(Membership, related_name="presences")  # one, by the constraint below
    seen_at = models.DateTimeField()
    factor = models.CharField(max_length=10, choices=Factor)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "member"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.member_id} at {self.seen_at}"


class Invitation(TenantModel):
    """An address that may take a place: role and vendor are fixed here. Its link works once, for seven days, for this address.

    The link is not stored but signed (organisations.links); `edition` counts the sendings, and only the latest link works.
    """

    CALLED = ("email", "role")
    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    ACTORS = {"invited_by_id": "invited_by_name"}

    vendor = TenantForeignKey(Vendor, null=True, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role)
    email = models.EmailField()
    note = models.CharField(max_length=300, blank=True)
    # Those of whoever invited, as on a membership: nobody gives more than they have.
    contracts = ArrayField(models.BigIntegerField(), null=True)
    status = models.CharField(max_length=10, choices=InvitationStatus, default=InvitationStatus.OPEN)
    edition = models.PositiveSmallIntegerField(default=1)
    invited_by = TenantForeignKey(Membership, null=True, related_name="+")  # null: by command
    invited_by_name = models.CharField(max_length=120, blank=True)
    member = TenantForeignKey(Membership, null=True, related_name="+")  # who accepted
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)  # accepted or revoked

    objects = TenantManager.from_queryset(InvitationQuerySet)()  # type: ignore[misc]

    class Meta(TenantModel.Meta):
        constraints = [
            # With the vendor: nobody learns from a refusal what another vendor has sent out.
            models.UniqueConstraint(
                fields=["organisation", "vendor", "email"],
                name="invitation_once",
                condition=Q(status="open"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="invitation_vendor_roles",
                condition=Q(vendor__isnull=False, role__in=sorted(VENDOR_ROLES))
                | Q(vendor__isnull=True) & ~Q(role__in=sorted(VENDOR_ROLES)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display().lower()}"


class ApiKey(TenantModel):
    """A secret by which a program acts as a member of its own. The secret is shown once; what is kept is its SHA-256.

    `member` acts: it stands in the trail under the key's name, and stays the same when the key is rotated. `owner` is the
    person who answers for it, and whose role it cannot exceed. With a vendor it sees what that vendor's people see.
    The log-in role may look keys up: that is how the door finds out whom it lets in.
    """

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    LOGIN_ACCESS = "SELECT"

    member = TenantForeignKey(Membership, related_name="keys")
    owner = TenantForeignKey(Membership, related_name="owned_keys")
    vendor = TenantForeignKey(Vendor, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    scope = models.CharField(max_length=10, choices=KeyScope)
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64)  # SHA-256 of the whole key, in hexadecimal digits
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    rotated_at = models.DateTimeField(null=True)  # since then another key of the same member takes over
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager.from_queryset(ApiKeyQuerySet)()  # type: ignore[misc]
    # Unscoped: only the door may use it, always with an organisation and a prefix.
    unscoped: ClassVar[models.Manager["ApiKey"]] = models.Manager()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "prefix"], name="api_key_prefix")]
        indexes = [models.Index(fields=["organisation", "member"], name="api_key_member")]

    def __str__(self) -> str:
        return f"{self.name} (plb_{self.prefix}_…)"


class ApiUse(TenantModel):
    """How much a member calls the API: in the minute that runs, and when last. One row a member, written at each call."""

    STAFF_ACCESS = "SELECT, INSERT, UPDATE"
    VENDOR_ACCESS = "SELECT, INSERT, UPDATE"
    AUDITED = False

    member = TenantForeignKey(Membership, related_name="api_use")
    vendor = TenantForeignKey(Vendor, null=True, related_name="+")  # the member's
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField()
    last_used_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organisation", "member"], name="api_use_once")]

    def __str__(self) -> str:
        return f"{self.calls} calls of member {self.member_id}"


class CacheEntry(models.Model):
    """The table of Django's cache: counts of wrong passwords, one-time codes that were used. Nobody's organisation's."""

    LOGIN_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cache_entry"

    def __str__(self) -> str:
        return self.cache_key


def initials(name: str) -> str:
    """Two letters that stand for a name: "Corvid Systems" gives "CS"."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Heartbeat(models.Model):
    """When something that goes round (beat, a queue, the night) was last heard of, by the database's time. See `heartbeats.py`."""

    LOGIN_ACCESS: ClassVar[str] = "SELECT, INSERT, UPDATE"

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
