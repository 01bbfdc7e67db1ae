"""Addresses of a month's figures, below /o/<organisation>/: the vendor's home, submissions, files and evidence."""

from django.urls import path

from reporting.views import (
    all_clients,
    calendar,
    entry,
    evidence,
    figures,
    month_sheet,
    receipt,
    submission,
    submissions,
    vendor_home,
)

outside = [
    path("due/", all_clients.what_is_due, name="what-is-due"),
    path("due/calendar/", calendar.calendar, name="calendar"),
    path("calendar/<str:secret>.ics", calendar.feed, name="calendar-feed"),
]
urlpatterns = [
    path("figures/", vendor_home.vendor_home, name="vendor-home"),
    path("submissions/", submissions.submissions, name="submissions"),
    path("submissions/<int:submission_id>/", submission.submission, name="submission"),
    path("submissions/<int:submission_id>/submit/", submission.submit, name="submission-submit"),
    path("submissions/<int:submission_id>/receipt/", receipt.submission_receipt, name="submission-receipt"),
    path("submissions/<int:submission_id>/withdraw/", submission.withdraw, name="submission-withdraw"),
    path("submissions/<int:submission_id>/accept/", submission.accept, name="submission-accept"),
    path("submissions/<int:submission_id>/review/", submission.review, name="submission-review"),
    path("submissions/<int:submission_id>/return/", submission.return_, name="submission-return"),
    path("submissions/<int:submission_id>/evidence/", evidence.attach, name="evidence-attach"),
    path("evidence/<int:evidence_id>/", evidence.download, name="evidence"),
    path("evidence/<int:evidence_id>/answer/", evidence.answer, name="evidence-answer"),
    path("evidence/<int:evidence_id>/remove/", evidence.remove, name="evidence-remove"),
    path("contracts/<int:contract_id>/figures/", figures.figures, name="figures-import"),
    path("contracts/<int:contract_id>/figures/enter/", entry.figures_enter, name="figures-enter"),
    path(
        "contracts/<int:contract_id>/figures/enter/<int:service_level>/<int:period>/",
        month_sheet.figures_slot,
        name="figures-slot",
    ),
    path(
        "contracts/<int:contract_id>/figures/batches/<int:import_batch_id>/",
        figures.figures_batch,
        name="figures-batch",
    ),
    path("contracts/<int:contract_id>/figures/template/", figures.figures_template, name="figures-template"),
]
