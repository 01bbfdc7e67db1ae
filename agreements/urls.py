"""Addresses of contracts and service levels, below /o/<organisation>/."""

from django.urls import path

from agreements.views import (
    access,
    alignment,
    approvals,
    catalogue,
    consent,
    contracts,
    editor,
    impact,
    imports,
    merge,
    new_level,
    owners,
    parts,
    redline,
    revisions,
    service_levels,
)

urlpatterns = [
    path("contracts/", contracts.contracts, name="contracts"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("contracts/import/", imports.contract_import, name="contract-import"),
    path("contracts/import/save/", imports.contract_save, name="contract-save"),
    path("contracts/<int:contract_id>/", contracts.contract, name="contract"),
    path("contracts/<int:contract_id>/owners/", owners.owners, name="owners"),
    path("vendors/<str:vendor_code>/merge/", merge.merge, name="vendor-merge"),
    path("contracts/<int:contract_id>/revise/", revisions.revise, name="revision-start"),
    path("revisions/", revisions.revisions, name="revisions"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("revisions/<int:revision_id>/", revisions.revision, name="revision"),
    path("revisions/<int:revision_id>/reason/", revisions.reason, name="revision-reason"),
    path("revisions/<int:revision_id>/act/", revisions.act, name="revision-act"),
    path("revisions/<int:revision_id>/approval/", approvals.approval, name="revision-approval"),
    path("revisions/<int:revision_id>/approval/decide/", approvals.decide, name="revision-decide"),
    path("revisions/<int:revision_id>/approval/comment/", approvals.say, name="revision-comment"),
    path("revisions/<int:revision_id>/consent/", consent.consent, name="revision-consent"),
    path("revisions/<int:revision_id>/redline/", redline.redline, name="revision-redline"),
    path("revisions/<int:revision_id>/impact/", impact.impact, name="revision-impact"),
    path("revisions/<int:revision_id>/terms/", parts.parts, name="revision-parts"),
    path("revisions/<int:revision_id>/alignment/", alignment.alignment, name="revision-alignment"),
    path("revisions/<int:revision_id>/new-level/", new_level.new_level, name="revision-new-level"),
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
