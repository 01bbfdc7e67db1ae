"""The ledger of a contract's service credits, waivers and invoices; and the way from credit to cash over all contracts."""

from django.urls import path

from credits.views import cash, claims, ledger, letter, payable

urlpatterns = [
    path("contracts/<int:contract_id>/credits/", ledger.ledger, name="ledger"),
    path("contracts/<int:contract_id>/credits/waivers/", ledger.propose, name="waiver-propose"),
    path("contracts/<int:contract_id>/credits/waivers/<int:waiver_proposal_id>/", ledger.decide, name="waiver-decide"),
    path("contracts/<int:contract_id>/credits/invoices/", ledger.record, name="invoice-record"),
    path("credits/", cash.credits, name="credits"),
    path("credits/claim/", cash.claim_chosen, name="credits-claim"),
    path("credits/approve/", cash.approve_chosen, name="credits-approve"),
    path("credits/invoice/", cash.invoice_chosen, name="credits-invoice"),
    path("credits/recover/", cash.recover_chosen, name="credits-recover"),
    path("credits/claims/<int:credit_claim_id>/", claims.claim, name="claim"),
    path("credits/claims/<int:credit_claim_id>/letter.pdf", letter.letter, name="claim-letter"),
    path("credits/claims/<int:credit_claim_id>/decide/", claims.decide, name="claim-decide"),
    path("credits/claims/<int:credit_claim_id>/withdraw/", claims.withdraw, name="claim-withdraw"),
    path("credits/claims/<int:credit_claim_id>/invoice/", claims.invoice, name="claim-invoice"),
    path("credits/claims/<int:credit_claim_id>/recover/", claims.recover, name="claim-recover"),
    path("credits/claims/<int:credit_claim_id>/write-off/", claims.write_off, name="claim-write-off"),
    path("credits/payments/", payable.reconcile, name="reconcile"),
    path("credits/payments/<int:reconciliation_id>/", payable.reconciliation, name="reconciliation"),
    path("credits/columns/", payable.column_templates, name="column-templates"),
    path("credits/columns/<int:column_template_id>/", payable.column_template, name="column-template"),
    path("credits/columns/<int:column_template_id>/remove/", payable.remove, name="column-template-remove"),
]
