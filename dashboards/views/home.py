"""Where people arrive: one's own organisations, and the page that one's role begins with."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from dashboards.context import home_of
from lib.posts import posted_from
from organisations.access import allows, open_to_all, signed_in
from organisations.actions import set_theme
from organisations.backends import memberships_read
from organisations.models import User
from organisations.requests import MemberRequest

THEME_AGE = 365 * 24 * 3600


@signed_in
@require_GET
def home(request: MemberRequest) -> HttpResponse:
    """Straight to the organisation where there is one; to what is due for all of them where somebody serves several, else a choice."""
    memberships = memberships_read(request.user)
    if len(memberships) == 1:
        return redirect("organisation", memberships[0].organisation.slug)
    if sum(one.is_vendor for one in memberships) > 1:
        return redirect("what-is-due")
    return render(request, "dashboards/home.html", {"memberships": memberships})


@require_GET
@allows("inbox.view")
def organisation(request: MemberRequest, organisation: str) -> HttpResponse:
    """To the page that the member's role begins with."""
    return redirect(home_of(request.membership))


@open_to_all
@posted_from("home")
def theme(request: MemberRequest) -> HttpResponse:
    """Light, dark, or as the device: kept with the person, or in a cookie for who is not signed in."""
    chosen = request.POST.get("theme", "")
    chosen = chosen if chosen in User.Theme.values else ""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe and back.startswith("/") else "/")  # not the name of an address
    if request.user.is_authenticated:
        set_theme(request.user, chosen)
    else:
        response.set_cookie("theme", chosen, THEME_AGE, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response
