"""Whose organisation asks for a second factor is led here until the account has one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from organisations.access import signed_in
from organisations.models import Membership
from organisations.presence import second_factor_due, with_presence


@signed_in
@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """Who asks, since when, and the ways to add one. Back to `next` where none is lacking any more."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    mine = Membership.unscoped.filter(user_id=request.user.pk or 0, is_active=True).select_related("organisation")
    asked = [
        (one.organisation.name, second_factor_due(one)) for one in with_presence(mine).order_by("organisation__name")
    ]
    lacking = [(name, day) for name, day in asked if day]
    if not lacking:
        return redirect(back)
    today = timezone.now().date()
    context = {
        "closed": [(name, day) for name, day in lacking if day <= today],
        "soon": [(name, day) for name, day in lacking if day > today],
    }
    return render(request, "organisations/second_factor.html", context)
