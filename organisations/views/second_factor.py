"""Whose organisation asks for a second factor is led here until the account has one."""

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from organisations.access import signed_in
from organisations.backends import memberships_read
from organisations.presence import second_factor_due


@signed_in
@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """Who asks, since when, and the ways to add one. Back to `next` where none is lacking any more."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    lacking = [(one, day) for one in memberships_read(request.user) if (day := second_factor_due(one))]
    if not lacking:
        return HttpResponseRedirect(back)  # an address, never the name of one
    context: dict[str, list[tuple[str, date]]] = {"closed": [], "soon": []}
    for member, day in lacking:
        begun = day <= timezone.localdate(timezone=member.house.zone)
        context["closed" if begun else "soon"].append((member.organisation.name, day))
    return render(request, "organisations/second_factor.html", context)
