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

from contracts.contract_file.problems import BadFile, Path, Problem, printable, problem, written

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE
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


class RawMapping(list[tuple[Any, Any]]):
    """A mapping as it was written: a key may still stand in it twice."""


def parse(source: bytes | str) -> dict[str, Any]:
    """The file's top-level mapping; BadFile where it cannot be read."""
    problems: list[Problem] = []
    normalised = _normalised(_parsed(_text(source)), (), problems)
    if isinstance(normalised, dict) and not problems:
        return normalised
    raise BadFile(problems or [Problem("", "the file must be a mapping that begins with `plumbline: 1`")])


def _text(source: bytes | str) -> str:
    size = len(source)
    if size > MAX_BYTES:
        raise _unreadable("", f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read")
    text = _decoded(source) if isinstance(source, bytes) else source
    return text.removeprefix("\ufeff")


def _decoded(source: bytes) -> str:
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(error.object[: error.start].decode()) from None
    if "\0" in text[:2]:  # UTF-16 without its mark: half of each character passes as UTF-8
        raise _not_utf8("")
    return text


def _parsed(text: str) -> Any:
    """The value of a JSON or YAML text, numbers as their text."""
    no_json = None
    if text.lstrip().startswith("{"):  # YAML may begin so as well
        try:
            return json.loads(text, object_pairs_hook=RawMapping, parse_float=str, parse_int=str, parse_constant=str)
        except RecursionError:  # too deep for the library; the reader of YAML counts the levels and says where
            pass
        except json.JSONDecodeError as error:
            no_json = error
    try:
        return _built(yaml.parse(text, Loader=Loader))
    except yaml.YAMLError as no_yaml:
        raise _no_json(no_json) if no_json else _no_yaml(no_yaml, text) from None


# What cannot be parsed -------------------------------------------------------------------------------------------


def _unreadable(place: str, message: str) -> BadFile:
    return BadFile([Problem(place, message)])


def _not_utf8(before: str) -> BadFile:
    return _unreadable(_end_of(before), "the file is not UTF-8; save it as UTF-8 text")


def _no_json(error: json.JSONDecodeError) -> BadFile:
    said = error.msg[0].lower() + error.msg[1:]
    remedy = "check the commas, colons and double quotes just before"
    if error.msg == "Extra data":
        said, remedy = "there is more after the closing brace", "remove it"
    return _unreadable(_at(error.lineno, error.colno), f"not valid JSON: {said}; {remedy}")


def _no_yaml(error: yaml.YAMLError, text: str) -> BadFile:
    if isinstance(error, yaml.MarkedYAMLError):
        said = ", ".join(part for part in (error.context, error.problem) if part)
        remedy = "check the indentation, quotes and colons there and just before"
        return _unreadable(_place(error.problem_mark or error.context_mark), f"not valid YAML: {said}; {remedy}")
    # The libraries disagree whether they count characters or bytes, so the character is looked for once more.
    found = UNPRINTABLE.search(text)
    place = _end_of(text[: found.start()]) if found else ""
    return _unreadable(
        place, "not valid YAML: it contains a control character; remove it, and save the file as UTF-8 text"
    )


def _place(mark: Any) -> str:
    return _at(mark.line + 1, mark.column + 1) if mark else ""


def _end_of(text: str) -> str:
    """The place of what follows a text."""
    return _at(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _at(line: int, column: int) -> str:
    return f"line {line}, column {column}"


def _too_deep(path: str) -> Problem:
    return Problem(path, f"the file is nested more than {MAX_DEPTH} levels deep")


# YAML ------------------------------------------------------------------------------------------------------------


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
            stack[-1].append(RawMapping(zip(flat[::2], flat[1::2], strict=True)))
        if documents > 1:
            _refuse(event, "the file holds more than one document; keep one and remove `---`")
    return stack[0][0] if stack[0] else None


def _refuse(event: Any, message: str) -> None:
    raise _unreadable(_place(event.start_mark), message)


def _scalar(event: Any) -> Any:
    # `implicit[0]` says that the scalar is plain; a quoted "true" is text.
    if event.implicit[0] and event.value in WORDS:
        return WORDS[event.value]
    return event.value


# Normalising-------------------------------------------------------------------------------------------------------


def _normalised(value: Any, path: Path, problems: list[Problem]) -> Any:
    """The value with its mappings made of unique text keys; what cannot be normalised is added to `problems`."""
    if len(path) > MAX_DEPTH:
        problems.append(_too_deep(written(path)))
        return None
    if isinstance(value, RawMapping):
        return _normalised_mapping(value, path, problems)
    if isinstance(value, list):
        return [_normalised(item, (*path, n), problems) for n, item in enumerate(value)]
    if isinstance(value, str):
        return _whole_characters(value, path, problems)
    return value


def _normalised_mapping(pairs: RawMapping, path: Path, problems: list[Problem]) -> dict[str, Any]:
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
        mapping[key] = _normalised(value, (*path, key), problems)
    return mapping


def _whole_characters(text: str, path: Path, problems: list[Problem]) -> str:
    """JSON may spell one half of a surrogate pair, which is no character and cannot be stored."""
    if HALF_CHARACTER.search(text):
        problems.append(problem(path, "this text contains half of a character (an unpaired surrogate); type it again"))
        return text.encode("ascii", "replace").decode()
    return text
