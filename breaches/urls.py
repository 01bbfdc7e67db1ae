"""Breaches: the list, one of them and its thread, answering it, and its corrective plan."""

from django.urls import path

from breaches.views import breaches, consequences, excusals, plans, selection, thread

urlpatterns = [
    path("breaches/", breaches.breaches, name="breaches"),
    path("breaches/<int:breach>/", breaches.breach, name="breach"),
    path("breaches/<int:breach>/acknowledge/", breaches.acknowledge, name="breach-acknowledge"),
    path("breaches/<int:breach>/undo/", breaches.undo, name="breach-undo"),
    path("breaches/selected/", selection.selected, name="breaches-selected"),
    path("breaches/selected/undo/", selection.undo, name="breaches-undo"),
    path("breaches/<int:breach>/watch/", selection.watching, name="breach-watch"),
    path("breaches/<int:breach>/excuse/", excusals.excusal, name="breach-excuse"),
    path("breaches/<int:breach>/say/", thread.speak, name="breach-say"),
    path("breaches/<int:breach>/close/", thread.end, name="breach-close"),
    path("breaches/<int:breach>/open/", thread.take_up, name="breach-open"),
    path("breaches/files/<int:thread_file>/", thread.thread_file, name="thread-file"),
    path("breaches/note-files/<int:note_file>/", thread.note_file, name="note-file"),
    path("breaches/<int:breach>/plan/", plans.ask, name="plan-ask"),
    path("triggered/", consequences.consequences, name="consequences"),
    path("triggered/<int:consequence>/", consequences.consequence, name="consequence"),
    path("contracts/<int:contract>/<str:month>/rules/", consequences.rules_of_month, name="rules-of-month"),
    path("triggered/<int:consequence>/decide/", consequences.decide, name="consequence-decide"),
    path("plans/<int:corrective_plan>/propose/", plans.propose, name="plan-propose"),
    path("plans/<int:corrective_plan>/decide/", plans.decide, name="plan-decide"),
    path("plans/steps/<int:plan_step>/", plans.report, name="plan-step"),
]
