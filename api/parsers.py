"""JSON as people wrote it: 0.1 is a tenth, and not the binary fraction beside it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ExactJSONParser(JSONParser):
    """Numbers with a point become Decimal. 400 for what is no JSON, NaN and Infinity, and what is nested too deeply to be read."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return json.loads(stream.read().decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        except ValueError as wrong:
            raise ParseError(f"The body is no JSON: {wrong}") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")
