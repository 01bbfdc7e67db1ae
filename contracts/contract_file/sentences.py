"""From the findings of pydantic to sentences for people."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from contracts.contract_file.base_part import MANY, ONE, Part
from contracts.contract_file.levels import WEIGHTS_EXAMPLE
from contracts.contract_file.problems import Path, printable
from contracts.contract_file.scalars import plain_number, shown

KEY_OF_MAPPING = "[key]"


# Words that people use for one of the choices, which their letters do not tell.
MEANT = {
    "fail": "default", "failed": "default", "failure": "default", "breach": "default", "breached": "default", "not_met": "default",
    "pass": "met", "passed": "met", "ok": "met", "achieved": "met", "missed": "miss",
    "quarter": "rolling_12", "quarterly": "quarter", "year": "contract_year", "annual": "contract_year", "annually": "year",
    "up": "higher", "more": "higher", "above": "higher", "less": "lower", "down": "lower", "below": "lower", "between": "inside",
    "percentage": "ratio", "percent": "ratio", "rate": "ratio", "uptime": "availability", "number": "value", "incidents": "count",
    "average": "mean", "avg": "mean", "total": "sum", "floor": "truncate", "round": "half_up", "fees": "charges",
    "sla": "service_level", "level": "service_level", "termination": "termination_right", "terminate": "termination_right",
    "plan": "rectification_plan", "alert": "notify", "email": "notify", "ignore": "exclude", "24x7": "always", "business": "calendar",
}  # fmt: skip


def described(findings: Iterable[Any], root: type[Part]) -> list[tuple[Path, str]]:
    """The path and sentence of each finding of pydantic. `root` is the model that was validated."""
    return [(path_of(finding), _sentence(finding, root)) for finding in findings]


def path_of(finding: Any) -> Path:
    """The steps of a finding's path that are in the file."""
    return tuple(step for step in finding["loc"] if step not in (ONE, MANY, KEY_OF_MAPPING))


def _sentence(finding: Any, root: type[Part]) -> str:
    kind, value, loc = finding["type"], finding["input"], finding["loc"]
    last = str(loc[-1]) if loc else ""
    match kind:
        case "refused":
            return str(finding["msg"])
        case "missing":
            return _missing(last, _model_at(root, loc))
        case "extra_forbidden":
            return _unknown(last, _model_at(root, loc))
        case "literal_error":
            choices = re.findall(r"'([^']*)'", finding["ctx"]["expected"])
            return f"{shown(value)} is not one of {', '.join(choices)}{_closest(value, choices)}"
        case "bool_type":
            return f"{shown(value)} is neither true nor false; write one of the two, without quotes"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a mapping of keys and values, not {shown(value)}{_as_written(root, loc, value)}"
        case "tuple_type" | "list_type":
            return f"must be a list, not {shown(value)}{_as_written(root, loc, value)}"
    return f"{shown(value)} cannot be read here"


def _missing(key: str, model: type[Part] | None) -> str:
    field = model.model_fields.get(model.keys().get(key, "")) if model else None
    choices = get_args(field.annotation) if field and get_origin(field.annotation) is Literal else ()
    about = f" ({field.description})" if field and field.description else ""
    add = f"one of {', '.join(choices)}" if choices else "it"
    return f"`{key}` is missing or empty; add {add}{about}"


def _unknown(key: str, model: type[Part] | None) -> str:
    keys = list(model.keys()) if model else []
    hint = _closest(key, keys)
    return f"unknown key {shown(key)}{hint or '; remove it.'} Known here: {', '.join(keys)}"


def _closest(value: Any, choices: Iterable[str]) -> str:
    word = str(value)[:80].strip().lower()
    choices = list(choices)
    close = [MEANT[word]] if MEANT.get(word) in choices else difflib.get_close_matches(word, choices, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


# How it is written ------------------------------------------------------------------------------------------------


def _as_written(root: type[Part], loc: Path, value: Any) -> str:
    """What to write at a path instead of a value of another shape: the example of its key, with what was given in it where that fits."""
    steps = [at for at, step in enumerate(loc) if isinstance(step, str) and step not in (ONE, MANY, KEY_OF_MAPPING)]
    if not steps:
        return ""
    model, entry = _model_at(root, loc[: steps[-1] + 1]), isinstance(loc[-1], int)
    name = model.keys().get(str(loc[steps[-1]])) if model else None
    field = model.model_fields[name] if model and name else None
    if field is None:
        return ""
    example = field.examples[0] if field.examples else None
    if entry:
        example = example[0] if isinstance(example, list) else None
    if example is not None:
        return f"; write {_flow(_with(example, value))}"
    inside = _inside(field.annotation)
    listed = get_origin(field.annotation) is tuple and not entry
    keys = ", ".join(_required(inside[-1 if entry else 0])) if inside else ""
    return f"; write {'a list of entries with' if listed else 'its keys:'} {keys}" if inside else ""


def _with(example: Any, value: Any) -> Any:
    """The example, with a number or with codes that were given in their place."""
    number = plain_number(value)
    if number is not None and isinstance(example, list) and all(plain_number(one) for one in example):
        return [*example[:-1], number]
    if number is not None and isinstance(example, dict):
        first = next((key for key, one in example.items() if plain_number(one)), None)
        return {key: number if key == first else one for key, one in example.items()}
    named = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    if named and example == WEIGHTS_EXAMPLE:
        return {printable(code): "100" for code in named[:3]}
    return example


def _required(model: type[Part]) -> list[str]:
    return [key for key, name in model.keys().items() if model.model_fields[name].is_required()] or list(model.keys())


def _flow(example: Any) -> str:
    """An example as YAML on one line."""
    if isinstance(example, dict):
        return f"{{{', '.join(f'{key}: {_flow(one)}' for key, one in example.items())}}}"
    return f"[{', '.join(_flow(one) for one in example)}]" if isinstance(example, list) else str(example)


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
