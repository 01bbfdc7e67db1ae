"""A contract's month as it was published."""

from django.urls import path

from scorecards import views

urlpatterns = [
    path("contracts/<int:contract>/<str:month>/publication/", views.publication, name="publication"),
    path("contracts/<int:contract>/<str:month>/publish/", views.publish_month, name="publish"),
    path("publications/<int:publication>/accept/", views.accept, name="publication-accept"),
]
