"""How a function becomes an endpoint: its method, the action it needs, and what it takes and answers."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework.decorators import api_view, parser_classes
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, IntegerField, ListSerializer, URLField

from api.parsers import ExactJSONParser
from api.repeats import HEADER, once
from organisations.access import View, allows

ORGANISATION = OpenApiParameter("organisation", str, OpenApiParameter.PATH, description="The organisation's address")

REPEATED = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="With the same key within 24 hours the same call is done once"
)


class Pages(LimitOffsetPagination):
    default_limit = 100
    max_limit = 1000


@cache
def paged(child: Any) -> Any:
    """How the description has a page of rows."""
    name = child.__name__.removesuffix("Out") + "Page"
    fields = {"count": IntegerField(), "next": URLField(allow_null=True), "previous": URLField(allow_null=True)}
    return inline_serializer(name, {**fields, "results": child(many=True)})


def endpoint(
    method: str | tuple[str, ...],
    action: str,
    *,
    takes: type[BaseSerializer] | None = None,
    answers: Any = None,
    query: tuple[str, ...] = (),
    files: bool = False,
) -> Callable[[View], View]:
    """An endpoint below /o/<organisation>/api/v1/. Raises KeyError at import for an action that is not in the table.

    Of several methods the first asks, and takes no body; the others change, and the product's action asks who may. What changes something
    can be repeated with an `Idempotency-Key`. With `files` the body may be a form of several parts.
    """
    methods = (method,) if isinstance(method, str) else method

    rows: Any = type(answers.child) if isinstance(answers, ListSerializer) else None
    described_as = paged(rows) if rows else answers

    def wrap(view: View) -> View:
        parameters = [ORGANISATION, *[OpenApiParameter(name, str, OpenApiParameter.QUERY) for name in query]]
        if methods != ("GET",):
            parameters.append(REPEATED)
        handled: Any = allows(action)(once(view))
        if files:
            handled = parser_classes([ExactJSONParser, MultiPartParser])(handled)
        handler: Any = api_view(list(methods))(handled)
        for place, one in enumerate(methods):
            described = extend_schema(
                methods=[one],
                operation_id=f"{one.lower()}_{view.__name__}" if place else view.__name__,
                description=view.__doc__,
                parameters=parameters,
                request=takes if place or len(methods) == 1 else None,
                responses=described_as,
            )
            handler = described(handler)
        handler.action = action  # type: ignore[attr-defined]
        return handler

    return wrap


def body(kind: type[BaseSerializer], request: Request) -> dict[str, Any]:
    """What the request brings, checked. ValidationError (400), which names each field, where it is not as `kind` has it."""
    read = kind(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def page(request: Request, rows: QuerySet[Any] | list[Any], serializer: type[BaseSerializer]) -> Response:
    """A page of rows as {count, next, previous, results}."""
    pages = Pages()
    chosen = pages.paginate_queryset(rows, request)
    return pages.get_paginated_response(serializer(chosen, many=True).data)
