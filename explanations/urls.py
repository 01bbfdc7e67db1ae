"""Addresses of judgements, below an organisation's."""

from django.urls import path

from explanations import views

urlpatterns = [
    path("results/<int:result>/why/", views.result_explanation, name="result-explanation"),
    path("results/<int:result>/why/<int:revision>/", views.former_explanation, name="result-explanation-former"),
]
