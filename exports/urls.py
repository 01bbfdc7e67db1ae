"""Tables in the background."""

from django.urls import path

from exports import views

urlpatterns = [
    path("exports/", views.exports, name="exports"),
    path("exports/ask/", views.ask, name="export-ask"),
    path("exports/<int:table_export>/cancel/", views.cancel, name="export-cancel"),
    path("exports/<int:table_export>/file/", views.file, name="export-file"),
]
