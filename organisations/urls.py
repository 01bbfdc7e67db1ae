"""People, invitations and vendors."""

from django.urls import path

from organisations.views import acceptance, invitations, people, roles, vendors

outside = [
    path("invitation/", acceptance.invitation, name="invitation"),
]
urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/<int:membership>/", people.person, name="person"),
    path("people/<int:membership>/disable/", people.disable, name="person-disable"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:invitation>/resend/", invitations.resend, name="invitation-resend"),
    path("people/invitations/<int:invitation>/revoke/", invitations.revoke, name="invitation-revoke"),
    path("roles/", roles.roles, name="roles"),
    path("new-vendor/", vendors.add, name="vendor-add"),
    path("vendors/<str:vendor_code>/edit/", vendors.edit, name="vendor-edit"),
]
