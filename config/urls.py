"""All addresses. Everything of an organisation stands below /o/<organisation>/."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
]
