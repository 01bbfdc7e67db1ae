"""Breaches: the list, one of them, and answering it."""

from django.urls import path

from breaches import views

urlpatterns = [
    path("breaches/", views.breaches, name="breaches"),
    path("breaches/<int:breach>/", views.breach, name="breach"),
    path("breaches/<int:breach>/acknowledge/", views.acknowledge, name="breach-acknowledge"),
    path("breaches/<int:breach>/undo/", views.undo, name="breach-undo"),
]
