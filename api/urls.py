"""Addresses of the API, below /o/<organisation>/api/v1/."""

from django.urls import path

from api import keys, settings, views

urlpatterns = [
    path("contracts/", views.contracts, name="api-contracts"),
    path("contracts/<int:contract_id>/", views.contract, name="api-contract"),
    path("contracts/<int:contract_id>/results/", views.results, name="api-results"),
    path("contracts/<int:contract_id>/months/", views.months, name="api-months"),
    path("contracts/<int:contract_id>/scorecards/", views.scorecards, name="api-scorecards"),
    path("contracts/<int:contract_id>/submissions/", views.submissions, name="api-submissions"),
    path("contracts/<int:contract_id>/figures/", views.figures, name="api-figures"),
    path("keys/", keys.api_keys, name="api-keys"),
    path("keys/new/", keys.make_api_key, name="api-key-make"),
    path("keys/<int:api_key>/rotate/", keys.rotate_api_key, name="api-key-rotate"),
    path("keys/<int:api_key>/revoke/", keys.revoke_api_key, name="api-key-revoke"),
    path("settings/", settings.settings, name="api-settings"),
    path("breaches/", views.breaches, name="api-breaches"),
]
