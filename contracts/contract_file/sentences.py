"""From the findings of pydantic to sentences for people."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError

from contracts.contract_file.base_part import MANY, ONE, Part
from contracts.contract_file.problems import Path
from contracts.contract_file.scalars import shown

KEY_OF_MAPPING = "[key]"


def described(error: ValidationError, root: type[Part]) -> list[tuple[Path, str]]:
    """The path and sentence of each finding. `root` is the model that was validated."""
    return [
        (_path(finding["loc"]), _sentence(finding, _model_at(root, finding["loc"])))
        for finding in error.errors(include_url=False)
    ]


def _path(loc: Path) -> Path:
    return tuple(step for step in loc if step not in (ONE, MANY, KEY_OF_MAPPING))


def _sentence(finding: Any, model: type[Part] | None) -> str:
    kind, value, last = finding["type"], finding["input"], finding["loc"][-1] if finding["loc"] else ""
    match kind:
        case "refused":
            return str(finding["msg"])
        case "missing":
            return _missing(str(last), model)
        case "extra_forbidden":
            return _unknown(str(last), model)
        case "literal_error":
            choices = re.findall(r"'([^']*)'", finding["ctx"]["expected"])
            return f"{shown(value)} is not one of {', '.join(choices)}{_closest(value, choices)}"
        case "bool_type":
            return f"{shown(value)} is neither true nor false; write one of the two, without quotes"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a mapping of keys and values, not {shown(value)}"
        case "tuple_type" | "list_type":
            return f"must be a list, not {shown(value)}"
    return f"{shown(value)} cannot be read here"


def _missing(key: str, model: type[Part] | None) -> str:
    field = model.model_fields.get(model.keys().get(key, "")) if model else None
    about = f" ({field.description})" if field and field.description else ""
    return f"`{key}` is missing or empty; add it{about}"


def _unknown(key: str, model: type[Part] | None) -> str:
    keys = list(model.keys()) if model else []
    hint = _closest(key, keys)
    return f"unknown key {shown(key)}{hint or '; remove it.'} Known here: {', '.join(keys)}"


def _closest(value: Any, choices: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(value)[:80].lower(), choices, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _model_at(root: type[Part], loc: Path) -> type[Part] | None:
    """The model whose key the last step of a path is."""
    current: type[Part] | None = root
    for step, following in pairwise(loc):
        if isinstance(step, int) or step in (ONE, MANY):
            continue
        name = current.keys().get(step) if current else None
        inside = _inside(current.model_fields[name].annotation) if current and name else []
        current = inside[-1 if following == MANY else 0] if inside else None
    return current


def _inside(annotation: Any) -> list[type[Part]]:
    """The models inside a type such as `tuple[Annotated[Model, …], ...] | None`; of a part that has versions, these come second."""
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation] if issubclass(annotation, Part) else []
    if get_origin(annotation) is Annotated or get_origin(annotation) in (Union, UnionType, tuple, list, dict):
        return [found for part in get_args(annotation) for found in _inside(part)]
    return []
