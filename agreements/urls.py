"""Addresses of contracts and service levels, below /o/<organisation>/."""

from django.urls import path

from agreements.views import access, catalogue, contracts, editor, impact, imports, merge, owners, parts, service_levels

urlpatterns = [
    path("contracts/", contracts.contracts, name="contracts"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("contracts/import/", imports.contract_import, name="contract-import"),
    path("contracts/import/save/", imports.contract_save, name="contract-save"),
    path("contracts/<int:contract_id>/", contracts.contract, name="contract"),
    path("contracts/<int:contract_id>/owners/", owners.owners, name="owners"),
    path("vendors/<str:vendor_code>/merge/", merge.merge, name="vendor-merge"),
    path("revisions/<int:revision_id>/impact/", impact.impact, name="revision-impact"),
    path("revisions/<int:revision_id>/terms/", parts.parts, name="revision-parts"),
    path(
        "revisions/<int:revision_id>/terms/<str:service_level_code>/",
        editor.level,
        name="revision-level",
    ),
    path("people/<int:membership>/contracts/", access.access, name="person-contracts"),
    path("contracts/<int:contract_id>/file/", contracts.export, name="contract-export"),
    path(
        "contracts/<int:contract_id>/service-levels/<str:service_level_code>/",
        service_levels.service_level,
        name="service-level",
    ),
]
