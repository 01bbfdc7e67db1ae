"""What people do about organisations, vendors and people. `by` is the acting membership; None is the system (commands)."""

from organisations.actions.acceptance import Offer, accept_invitation, addresses_of, find_offer
from organisations.actions.accounts import create_organisation, create_user, set_theme
from organisations.actions.calendar_feeds import TooManyFetches, find_feed, make_feed, revoke_feed
from organisations.actions.invitations import invite, invite_all, resend_invitation, revoke_invitation
from organisations.actions.keys import make_key, revoke_key, rotate_key
from organisations.actions.people import add_member, change_role, disable_member, rejoin_member
from organisations.actions.permission import is_own, own_members, require
from organisations.actions.settings import (
    change_approvals,
    change_bands,
    change_defaults,
    change_escalation,
    change_formats,
    change_letter_hours,
    change_logo,
    change_organisation,
    change_retention,
    change_second_factor,
    settings_in_scope,
)
from organisations.actions.vendors import add_vendor, edit_vendor

__all__ = [
    "Offer",
    "TooManyFetches",
    "accept_invitation",
    "add_member",
    "add_vendor",
    "addresses_of",
    "change_approvals",
    "change_bands",
    "change_defaults",
    "change_escalation",
    "change_formats",
    "change_letter_hours",
    "change_logo",
    "change_organisation",
    "change_retention",
    "change_role",
    "change_second_factor",
    "create_organisation",
    "create_user",
    "disable_member",
    "edit_vendor",
    "find_feed",
    "find_offer",
    "invite",
    "invite_all",
    "is_own",
    "make_feed",
    "make_key",
    "own_members",
    "rejoin_member",
    "require",
    "resend_invitation",
    "revoke_feed",
    "revoke_invitation",
    "revoke_key",
    "rotate_key",
    "set_theme",
    "settings_in_scope",
]
