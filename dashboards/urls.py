"""Pages that join several apps: homes, the portfolio, vendors and scorecards."""

from django.urls import path

from dashboards.views import evidence, home, ledger, portfolio, scorecard, submission, vendor_home, vendors

outside = [
    path("", home.home, name="home"),
    path("theme/", home.theme, name="theme"),
]
urlpatterns = [
    path("", home.organisation, name="organisation"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("vendors/", vendors.vendors, name="vendors"),
    path("vendors/<str:vendor_code>/", vendors.vendor, name="vendor"),
    path("scorecards/", scorecard.scorecards, name="scorecards"),
    path("contracts/<int:contract>/scorecard/", scorecard.scorecard, name="scorecard"),
    path("figures/", vendor_home.vendor_home, name="vendor-home"),
    path("submissions/<int:submission_id>/", submission.submission, name="submission"),
    path("submissions/<int:submission_id>/submit/", submission.submit, name="submission-submit"),
    path("submissions/<int:submission_id>/withdraw/", submission.withdraw, name="submission-withdraw"),
    path("submissions/<int:submission_id>/accept/", submission.accept, name="submission-accept"),
    path("submissions/<int:submission_id>/return/", submission.return_, name="submission-return"),
    path("submissions/<int:submission_id>/evidence/", evidence.attach, name="evidence-attach"),
    path("evidence/<int:evidence_id>/", evidence.download, name="evidence"),
    path("evidence/<int:evidence_id>/remove/", evidence.remove, name="evidence-remove"),
    path("contracts/<int:contract_id>/credits/", ledger.ledger, name="ledger"),
    path("contracts/<int:contract_id>/credits/waivers/", ledger.propose, name="waiver-propose"),
    path("contracts/<int:contract_id>/credits/waivers/<int:waiver_proposal_id>/", ledger.decide, name="waiver-decide"),
    path("contracts/<int:contract_id>/credits/invoices/", ledger.record, name="invoice-record"),
    path("contracts/<int:contract>/<str:month>/", scorecard.contract_month, name="contract-month"),
]
