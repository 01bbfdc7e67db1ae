"""Addresses of judgements, below an organisation's."""

from django.urls import path

from explanations import views

urlpatterns = [
    path("results/<int:result>/why/", views.why, name="result-why"),
    path("results/<int:result>/why/<int:revision>/", views.why_former, name="result-why-former"),
]
