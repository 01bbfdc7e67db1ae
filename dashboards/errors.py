"""Answers to requests that went wrong before a view could speak."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was older than the session: nothing was changed."""
    return render(request, "errors/csrf.html", status=403)
