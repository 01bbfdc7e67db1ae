"""Answers to requests that went wrong before a view could speak."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lib.htmx import wants_part
from lib.posts import STALE, keep_form


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was older than the session: nothing was changed, and what was typed in one of ours is kept."""
    kept = None if wants_part(request) else keep_form(request, STALE)
    return kept or render(request, "errors/csrf.html", status=403)
