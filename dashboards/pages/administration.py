"""The home of administrators and auditors: numbers, what needs somebody, and how the background work stands."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.urls import reverse
from django.utils import timezone

from lib.templatetags.dates import format_day
from organisations.models import Membership, OrganisationSettings
from organisations.rules import KEY_SOON, Role, SecondFactor

LATE = timedelta(minutes=10)  # work that waits for longer is late: beat comes each minute


def kpis(state: SimpleNamespace, settings: OrganisationSettings, now: datetime) -> list[dict[str, Any]]:
    people = state.staff + state.vendors
    asked = settings.second_factor != SecondFactor.NOBODY and settings.second_factor_from
    ends = state.key_ends is not None and state.key_ends <= now + KEY_SOON
    return [
        {"label": "People", "value": people, "sub": f"{state.staff} ours, {state.vendors} at vendors"},
        {"label": "Invitations open", "value": state.invitations, "sub": _next("The next ends", state.invitation_ends)},
        {
            "label": "Without second factor",
            "value": state.without_factor,
            "sub": f"{settings.get_second_factor_display()}, from {format_day(asked)}"
            if asked
            else "Nobody must have one",
            "look": "risk" if asked and state.without_factor else "",
        },
        {
            "label": "API keys",
            "value": state.keys,
            "sub": _next("The next ends", state.key_ends),
            "look": "risk" if ends else "",
        },
        {
            "label": "Letters not delivered",
            "value": state.letters_lost,
            "sub": f"{state.letters_sent} sent in 7 days",
            "look": "breach" if state.letters_lost else "",
        },
    ]


def _next(words: str, moment: datetime | None) -> str:
    return f"{words} on {format_day(timezone.localtime(moment).date())}" if moment else "None"


def finding(needed: list[dict[str, Any]], late: bool, you: bool) -> str:
    """How it stands, in a sentence."""
    who = "you" if you else "an administrator"
    if needed:
        return f"1 thing needs {who}." if len(needed) == 1 else f"{len(needed)} things need {who}."
    return "Work in the background is late." if late else f"Nothing needs {who}. Everything ran as planned."


def needs(rows: list[SimpleNamespace], member: Membership, now: datetime) -> list[dict[str, Any]]:
    """What needs somebody, as rows of a list: shape, words, and the page where it is done."""
    slug = member.organisation.slug
    return [_need(row, slug, now) for row in rows]


def _need(row: SimpleNamespace, slug: str, now: datetime) -> dict[str, Any]:
    people = reverse("people", args=[slug])
    day = format_day(timezone.localtime(row.at).date())
    if row.kind == "key":
        said = {"look": "risk", "title": f"“{row.name}” ends on {day}", "url": reverse("keys", args=[slug])}
        return said | {
            "words": f"API key of {row.more}. Rotating keeps the old key for 7 days.",
            "act": "Rotate",
            "at": row.at,
        }
    if row.kind == "bounce":
        url = reverse("person", args=[slug, row.id])
        said = {"look": "breach", "title": f"Letters to {row.name} come back", "url": url, "act": "Look at the person"}
        return said | {"words": row.more or "The mail server gives no reason.", "at": row.at}
    if row.kind == "lost":
        said = {"look": "breach", "title": f"The invitation of {row.name} was not delivered", "url": people}
        return said | {"words": row.more, "act": "Send again", "at": row.at}
    said = {"look": "late", "title": f"{row.name} has not accepted", "url": people, "act": "Send again"}
    return said | {"words": f"{Role(row.more).label}; the invitation ends on {day}.", "at": row.at}


def background(state: SimpleNamespace, now: datetime) -> dict[str, Any]:
    """What waits, and since when; `late` where it waits for longer than it should."""
    waits = {
        "Letters": _since(state.letter_waits, now, "none waits"),
        "Trail to seal": _since(state.unsealed_since, now, "all sealed"),
        "Calculations": _work(state, now),
    }
    return {"rows": waits, "late": any(late for _, _, late in waits.values()), "sealed_at": state.sealed_at}


def _since(moment: datetime | None, now: datetime, nothing: str) -> tuple[str, datetime | None, bool]:
    return (nothing, None, False) if moment is None else ("oldest", moment, now - moment > LATE)


def _work(state: SimpleNamespace, now: datetime) -> tuple[str, datetime | None, bool]:
    if state.failing:
        return f"{state.failing} failing", state.failing_since, True
    return (f"{state.to_judge} to judge" if state.to_judge else "up to date"), None, False
