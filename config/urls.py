"""All addresses. Everything of an organisation stands below /o/<organisation>/."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

import dashboards.urls
import notifications.urls
import organisations.urls
import reporting.urls
from api import problems
from config import health
from organisations.access import signed_in

# The dashboards come last: theirs is the short address of a contract's month.
APPS = (
    "organisations",
    "notifications",
    "audit",
    "exports",
    "explanations",
    "credits",
    "disputes",
    "breaches",
    "scorecards",
    "agreements",
    "reporting",
    "dashboards",
)
inside = [
    path("api/v1/", include("api.urls")),
    *[path("", include(f"{app}.urls")) for app in APPS],
]

urlpatterns = [
    *dashboards.urls.outside,
    *organisations.urls.outside,
    *notifications.urls.outside,
    *reporting.urls.outside,
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
    path("healthz/queue", health.queue),
    path("account/", include("allauth.urls")),
    path("api/schema/", signed_in(SpectacularAPIView.as_view()), name="api-schema"),
    path("api/problems/", problems.problem_types, name="api-problems"),
    path("o/<slug:organisation>/", include(inside)),
]
handler500 = "config.outage.failed"
