"""The inbox, and letters."""

from django.urls import path

from notifications.views import bounces, inbox, letters

outside = [
    path("letters/stop/", letters.stop, name="letters-stop"),
    path("letters/bounces/", bounces.bounces, name="letters-bounces"),
]
urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/panel/", inbox.panel, name="inbox-panel"),
    path("inbox/news/", inbox.news, name="inbox-news"),
    path("inbox/read/", inbox.read, name="inbox-read"),
    path("inbox/<int:notification>/", inbox.notification, name="notification"),
    path("letters/", letters.letters, name="letters"),
    path("people/<int:membership>/write-again/", letters.clear, name="person-write-again"),
]
