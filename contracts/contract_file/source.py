"""From the bytes of a contract file to plain lists, mappings and text.

YAML as the 1.2 core schema reads it, less what a contract does not need: no aliases, no tags, one document. Scalars
stay the text they were written as, whether quoted or not, so that `99.90` keeps its digits and `NO` stays Norway; only
`true`, `false` and `null` (unquoted) become something else. Everything is bounded before it is built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from contracts.contract_file.problems import BadFile, Path, Problem, printable, problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
WORDS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "": None,
}


class Pairs(list[tuple[Any, Any]]):
    """A mapping as it was written: a key may still stand in it twice."""


def tree(source: bytes | str) -> dict[str, Any]:
    """The file's top-level mapping; BadFile where it cannot be read."""
    text = _text(source)
    parsed = _from_json(text) if text.lstrip().startswith("{") else None
    if parsed is None:
        parsed = _from_yaml(text)
    problems: list[Problem] = []
    settled = _settled(parsed, (), problems)
    if isinstance(settled, dict) and not problems:
        return settled
    raise BadFile(problems or [Problem("", "the file must be a mapping that begins with `plumbline: 1`")])


def _text(source: bytes | str) -> str:
    size = len(source)
    if size > MAX_BYTES:
        raise BadFile([Problem("", f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read")])
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise BadFile([Problem(f"line {line}", "the file is not UTF-8 text; save it with that encoding")]) from None
    return source.removeprefix("\ufeff")


def _from_json(text: str) -> Any:
    """The JSON value with numbers as their text, or None where this is not JSON (it may still be YAML)."""
    try:
        return json.loads(text, object_pairs_hook=Pairs, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError:
        raise BadFile([_too_deep("")]) from None
    except ValueError:
        return None


def _too_deep(path: str) -> Problem:
    return Problem(path, f"the file is nested more than {MAX_DEPTH} levels deep")


# YAML ------------------------------------------------------------------------------------------------------------


def _from_yaml(text: str) -> Any:
    try:
        return _built(yaml.parse(text, Loader=Loader))
    except yaml.MarkedYAMLError as error:
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise BadFile([Problem(_place(error.problem_mark or error.context_mark), f"not valid YAML: {said}")]) from None
    except yaml.YAMLError:
        raise BadFile([Problem("", "not valid YAML: it contains a control character")]) from None


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _built(events: Iterator[Any]) -> Any:
    """The document of a stream of YAML events. A stack instead of recursion, so that depth is counted, not suffered."""
    stack: list[list[Any]] = [[]]
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(
                event, "anchors and aliases (`&`, `*`) are not read; write the value out, or quote it if it is text"
            )
        elif getattr(event, "tag", None) and event.tag != "!":
            _refuse(event, "tags (`!`) are not read; remove it, or quote the value if it is text")
        elif isinstance(event, yaml.ScalarEvent):
            stack[-1].append(_scalar(event))
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if len(stack) > MAX_DEPTH:
                raise BadFile([_too_deep(_place(event.start_mark))])
            stack.append([])
        elif isinstance(event, yaml.SequenceEndEvent):
            items = stack.pop()
            stack[-1].append(items)
        elif isinstance(event, yaml.MappingEndEvent):
            flat = stack.pop()
            stack[-1].append(Pairs(zip(flat[::2], flat[1::2], strict=True)))
        if documents > 1:
            _refuse(event, "the file holds more than one document; keep one and remove `---`")
    return stack[0][0] if stack[0] else None


def _refuse(event: Any, message: str) -> None:
    raise BadFile([Problem(_place(event.start_mark), message)])


def _scalar(event: Any) -> Any:
    # `implicit[0]` says that the scalar is plain; a quoted "true" is text.
    if event.implicit[0] and event.value in WORDS:
        return WORDS[event.value]
    return event.value


# Settling --------------------------------------------------------------------------------------------------------


def _settled(value: Any, path: Path, problems: list[Problem]) -> Any:
    """The value with its mappings made of unique text keys; what cannot be settled is added to `problems`."""
    if len(path) > MAX_DEPTH:
        problems.append(_too_deep(""))
        return None
    if isinstance(value, Pairs):
        return _settled_mapping(value, path, problems)
    if isinstance(value, list):
        return [_settled(item, (*path, n), problems) for n, item in enumerate(value)]
    if isinstance(value, str):
        return _whole_characters(value, path, problems)
    return value


def _settled_mapping(pairs: Pairs, path: Path, problems: list[Problem]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    seen: set[str] = (
        set()
    )  # without blanks around them: codes lose theirs, and one of two weights would be lost with them
    for key, value in pairs:
        if not isinstance(key, str):
            said = {True: "true", False: "false", None: "null"}[key] if not isinstance(key, list) else "a list"
            problems.append(problem(path, f"a key must be text, not {said}; put it in quotes"))
            continue
        key = _whole_characters(key, path, problems)
        if key.strip() in seen:
            message = f"the key `{printable(key.strip())}` stands here twice; keep one of them"
            problems.append(problem((*path, key), message))
            continue
        seen.add(key.strip())
        mapping[key] = _settled(value, (*path, key), problems)
    return mapping


def _whole_characters(text: str, path: Path, problems: list[Problem]) -> str:
    """JSON may spell one half of a surrogate pair, which is no character and cannot be stored."""
    if HALF_CHARACTER.search(text):
        problems.append(problem(path, "this text contains half of a character (an unpaired surrogate); write it anew"))
        return text.encode("ascii", "replace").decode()
    return text
