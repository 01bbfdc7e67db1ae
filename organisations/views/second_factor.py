"""Whose organisation asks for a second factor is led here until the account has one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from organisations.access import signed_in
from organisations.presence import memberships_of, second_factor_due


@signed_in
@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """Who asks, since when, and the ways to add one. Back to `next` where none is lacking any more."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    asked = [(one.organisation.name, second_factor_due(one)) for one in memberships_of(request.user)]
    lacking = [(name, day) for name, day in asked if day]
    if not lacking:
        return redirect(back)
    today = timezone.now().date()
    context = {
        "closed": [(name, day) for name, day in lacking if day <= today],
        "soon": [(name, day) for name, day in lacking if day > today],
    }
    return render(request, "organisations/second_factor.html", context)
