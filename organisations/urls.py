"""People, invitations and vendors."""

from django.urls import path

from organisations.views import (
    acceptance,
    invitations,
    keys,
    people,
    roles,
    second_factor,
    settings,
    signed_in,
    vendors,
)

outside = [
    path("invitation/", acceptance.invitation, name="invitation"),
    path("account/sessions/", signed_in.sessions, name="sessions"),
    path("account/second-factor/", second_factor.set_up, name="second-factor"),
]
urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/<int:membership>/", people.person, name="person"),
    path("people/<int:membership>/disable/", people.disable, name="person-disable"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:invitation>/resend/", invitations.resend, name="invitation-resend"),
    path("people/invitations/<int:invitation>/revoke/", invitations.revoke, name="invitation-revoke"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:api_key>/rotate/", keys.rotate, name="key-rotate"),
    path("keys/<int:api_key>/revoke/", keys.revoke, name="key-revoke"),
    path("roles/", roles.roles, name="roles"),
    path("settings/", settings.settings, name="settings"),
    *[
        path(f"settings/{section.replace('_', '-')}/", settings.save, {"section": section}, name=f"settings-{section}")
        for section in settings.FORMS
    ],
    path("logo.png", settings.logo, name="logo"),
    path("colours.css", settings.colours, name="colours"),
    path("new-vendor/", vendors.add, name="vendor-add"),
    path("vendors/<str:vendor_code>/edit/", vendors.edit, name="vendor-edit"),
]
