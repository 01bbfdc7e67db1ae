"""Addresses of submissions' list and of figures, below /o/<organisation>/."""

from django.urls import path

from measurements import views

urlpatterns = [
    path("submissions/", views.submissions, name="submissions"),
    path("contracts/<int:contract_id>/figures/", views.figures, name="figures-import"),
    path("contracts/<int:contract_id>/figures/enter/", views.figures_enter, name="figures-enter"),
    path("contracts/<int:contract_id>/figures/save/", views.figures_save, name="figures-save"),
    path("contracts/<int:contract_id>/figures/template/", views.figures_template, name="figures-template"),
]
