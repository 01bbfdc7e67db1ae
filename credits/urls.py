"""The ledger of a contract's service credits, waivers and invoices."""

from django.urls import path

from credits import views

urlpatterns = [
    path("contracts/<int:contract_id>/credits/", views.ledger, name="ledger"),
    path("contracts/<int:contract_id>/credits/waivers/", views.propose, name="waiver-propose"),
    path("contracts/<int:contract_id>/credits/waivers/<int:waiver_proposal_id>/", views.decide, name="waiver-decide"),
    path("contracts/<int:contract_id>/credits/invoices/", views.record, name="invoice-record"),
]
