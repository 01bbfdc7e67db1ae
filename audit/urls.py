"""The trail, below /o/<organisation>/."""

from django.urls import path, re_path

from audit import views

urlpatterns = [
    path("trail/", views.trail, name="trail"),
    re_path(r"^trail/export\.(?P<form>csv|jsonl)\Z", views.export, name="trail-export"),
    path("trail/verify_trail.py", views.script, name="trail-script"),
    path("trail/verify/", views.verify, name="trail-verify"),
]
