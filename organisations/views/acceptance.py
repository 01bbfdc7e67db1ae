"""An invitation is accepted: by somebody who has an account, or with a new one.

The key of the link moves into the session at once, so that it stands in no address that a browser remembers or passes on.
"""

from typing import Any

from allauth.account.utils import perform_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lib import clock
from lib.errors import Refused
from organisations.access import open_to_all
from organisations.actions import Offer, accept_invitation, addresses_of, create_user, find_offer
from organisations.forms import AcceptForm
from organisations.models import User

IN_SESSION = "invitation"


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """GET `?key=`: keeps the key. GET: what is offered. POST: accepts it."""
    if key := request.GET.get("key", ""):
        request.session[IN_SESSION] = key[:300]
        return redirect("invitation")
    offer = find_offer(key=request.session.get(IN_SESSION, ""), now=clock.database_now())
    if offer is None:
        request.session.pop(IN_SESSION, None)
        return render(request, "organisations/invitation_gone.html", status=410)
    if request.method != "POST":
        return _show(request, offer)
    if request.user.is_authenticated:
        return _accept(request, offer, request.user)
    if offer.has_account:
        return _show(request, offer)
    form = AcceptForm(request.POST, email=offer.email)
    if not form.is_valid():
        return _show(request, offer, 422, form=form)
    return _accept(request, offer, form=form)


def _accept(
    request: HttpRequest, offer: Offer, user: User | None = None, form: AcceptForm | None = None
) -> HttpResponse:
    """As `user`, or as the person whose name and password are in the form."""
    try:
        with transaction.atomic():  # an account without its place must not stay behind
            person = user or create_user(email=offer.email, **(form.cleaned_data if form else {}))
            accept_invitation(key=request.session[IN_SESSION], user=person, now=clock.database_now())
    except Refused as refused:
        return _show(request, offer, refused.status, form=form, refused=refused.sentence)
    del request.session[IN_SESSION]
    if user is None:
        perform_login(request, person, email_verification="none")
    return redirect("organisation", offer.slug)


def _show(request: HttpRequest, offer: Offer, status: int = 200, **more: Any) -> HttpResponse:
    """One of three: accept as who one is; sign in or out first; make an account."""
    user = request.user
    context = {
        "offer": offer,
        "mine": user.is_authenticated and offer.email in addresses_of(user),
        "key": request.session[IN_SESSION],  # signing out takes the session away
        **more,
    }
    if not user.is_authenticated and not offer.has_account:
        context["form"] = more.get("form") or AcceptForm(email=offer.email)
    return render(request, "organisations/invitation.html", context, status=status)
