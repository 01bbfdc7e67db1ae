"""All addresses. Everything of an organisation stands below /o/<organisation>/."""

from django.urls import include, path

import dashboards.urls

inside = [
    path("", include("notifications.urls")),
    path("", include("dashboards.urls")),
]

urlpatterns = [
    *dashboards.urls.app_urls,
    path("account/", include("allauth.urls")),
    path("o/<slug:organisation>/", include(inside)),
]
