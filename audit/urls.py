"""The trail, below /o/<organisation>/."""

from django.urls import path

from audit import views

urlpatterns = [
    path("trail/", views.trail, name="trail"),
    path("trail/export.csv", views.export, {"form": "csv"}, name="trail-csv"),
    path("trail/export.jsonl", views.export, {"form": "jsonl"}, name="trail-json-lines"),
    path("trail/verify_trail.py", views.script, name="trail-script"),
    path("trail/verify/", views.verify, name="trail-verify"),
]
