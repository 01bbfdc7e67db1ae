"""The whole table of who may do what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organisations.access import allows
from organisations.rules import Role
from organisations.views.invitations import IN_ORDER
from organisations.wording import permission_table, role_choices


@require_GET
@allows("roles.view")
def roles(request: HttpRequest, organisation: str) -> HttpResponse:
    """As the product asks it before every act, to look at and to print."""
    shown: tuple[Role, ...] = IN_ORDER
    context = {"roles": role_choices(shown), "groups": permission_table(shown)}
    return render(request, "organisations/roles.html", context)
