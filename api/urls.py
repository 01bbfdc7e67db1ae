"""Addresses of the API, below /o/<organisation>/api/v1/."""

from django.urls import path

from api import keys, people, publications, settings, trail, vendors, views

urlpatterns = [
    path("contracts/", views.contracts, name="api-contracts"),
    path("contracts/<int:contract_id>/", views.contract, name="api-contract"),
    path("contracts/<int:contract_id>/results/", views.results, name="api-results"),
    path("contracts/<int:contract_id>/months/", views.months, name="api-months"),
    path("contracts/<int:contract_id>/scorecards/", views.scorecards, name="api-scorecards"),
    path("contracts/<int:contract_id>/publications/", publications.publications, name="api-publications"),
    path("contracts/<int:contract_id>/standing/", publications.standing, name="api-standing"),
    path("contracts/<int:contract_id>/publish/", publications.publish_month, name="api-publish"),
    path("contracts/<int:contract_id>/submissions/", views.submissions, name="api-submissions"),
    path("contracts/<int:contract_id>/figures/", views.figures, name="api-figures"),
    path("contracts/<int:contract_id>/owners/", vendors.owners, name="api-owners"),
    path("contracts/<int:contract_id>/owners/set/", vendors.set_owner, name="api-owner-set"),
    path("people/", people.people, name="api-people"),
    path("people/invite/", people.invite_people, name="api-invite"),
    path("people/invitations/", people.invitations, name="api-invitations"),
    path("people/invitations/<int:invitation>/resend/", people.resend, name="api-invitation-resend"),
    path("people/invitations/<int:invitation>/revoke/", people.revoke, name="api-invitation-revoke"),
    path("people/<int:membership>/role/", people.set_role, name="api-person-role"),
    path("people/<int:membership>/disable/", people.disable, name="api-person-disable"),
    path("people/<int:membership>/rejoin/", people.rejoin, name="api-person-rejoin"),
    path("people/<int:membership>/contracts/", people.set_contracts, name="api-person-contracts"),
    path("vendors/", vendors.vendors, name="api-vendors"),
    path("new-vendor/", vendors.new_vendor, name="api-vendor-add"),
    path("vendors/<str:vendor_code>/", vendors.vendor, name="api-vendor"),
    path("vendors/<str:vendor_code>/edit/", vendors.change_vendor, name="api-vendor-edit"),
    path("keys/", keys.api_keys, name="api-keys"),
    path("keys/new/", keys.make_api_key, name="api-key-make"),
    path("keys/<int:api_key>/rotate/", keys.rotate_api_key, name="api-key-rotate"),
    path("keys/<int:api_key>/revoke/", keys.revoke_api_key, name="api-key-revoke"),
    path("settings/", settings.settings, name="api-settings"),
    path("trail/", trail.trail, name="api-trail"),
    path("trail/export/", trail.trail_export, name="api-trail-export"),
    path("breaches/", views.breaches, name="api-breaches"),
]
