"""The inbox."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/panel/", views.panel, name="inbox-panel"),
    path("inbox/news/", views.news, name="inbox-news"),
    path("inbox/read/", views.read, name="inbox-read"),
    path("inbox/<int:notification>/", views.notification, name="notification"),
]
