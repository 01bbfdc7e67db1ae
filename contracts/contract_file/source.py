"""From the bytes of a contract file to plain lists, mappings and text.

YAML as the 1.2 core schema reads it, less what a contract does not need: no aliases, no tags, one document. Scalars
stay the text they were written as, whether quoted or not, so that `99.90` keeps its digits and `NO` stays Norway; only
`true`, `false` and `null` (unquoted) become something else. Everything is bounded before it is built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from contracts.contract_file.problems import MOST_PROBLEMS, BadFile, Path, Problem, printable, problem, written
from lib.file_kinds import document_kind
from lib.names import one_name

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_VALUES = (
    100_000  # texts, lists and mappings; a contract of 100 service levels with 20 versions each has half as many
)
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
    found = _Normalising()
    normalised = found.value(_parsed(text_of(source)), ())
    if isinstance(normalised, dict) and not found.problems:
        return normalised
    raise BadFile(found.problems or [Problem("", "the file must be a mapping that begins with `plumbline: 1`")])


def text_of(source: bytes | str) -> str:
    """The text of a file; BadFile where it is none."""
    start = source if isinstance(source, bytes) else source[:1000].encode("utf-8", "replace")
    if kind := document_kind(start):
        raise _unreadable("", f"this is {kind}; a contract file is YAML or JSON, so write the contract as text")
    # Browsers send the end of a line as two bytes: what was short enough as a file must be so when it comes back from a form.
    size = len(source)
    if size <= 2 * MAX_BYTES:
        text = (_decoded(source) if isinstance(source, bytes) else source).replace("\r\n", "\n")
        size = len(text.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise _unreadable("", f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read")
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
    return Problem(path, f"the file is nested more than {MAX_DEPTH} levels deep; take out what is nested so deep")


def _too_many(path: str) -> BadFile:
    return _unreadable(
        path, f"the file holds more than {MAX_VALUES:,} values; split the contract, or leave out what has ended"
    )


# YAML ------------------------------------------------------------------------------------------------------------


def _built(events: Iterator[Any]) -> Any:
    """The document of a stream of YAML events. A stack instead of recursion, so that depth is counted, not suffered."""
    stack: list[list[Any]] = [[]]
    documents = values = 0
    for event in events:
        values += isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent))
        if values > 2 * MAX_VALUES:  # with the keys of mappings, which are scalars, too
            raise _too_many(_place(event.start_mark))
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


@dataclass
class _Normalising:
    """Makes mappings of unique text keys of what was parsed; what cannot be normalised is added to `problems`."""

    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def value(self, value: Any, path: Path) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            raise _too_many(written(path))
        if len(path) > MAX_DEPTH:
            self._refuse(_too_deep(written(path)))
            return None
        if isinstance(value, RawMapping):
            return self._mapping(value, path)
        if isinstance(value, list):
            return [self.value(item, (*path, n)) for n, item in enumerate(value)]
        if isinstance(value, str):
            return self._whole_characters(value, path)
        return value

    def _refuse(self, found: Problem) -> None:
        self.problems.append(found)
        if len(self.problems) > MOST_PROBLEMS:
            raise BadFile(self.problems)

    def _mapping(self, pairs: RawMapping, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        seen: set[str] = (
            set()
        )  # as codes are read: one of two weights would be lost with what makes keys differ invisibly
        for key, value in pairs:
            if not isinstance(key, str):
                said = {True: "true", False: "false", None: "null"}[key] if not isinstance(key, list) else "a list"
                self._refuse(problem(path, f"a key must be text, not {said}; put it in quotes"))
                continue
            key = self._whole_characters(key, path)
            name = one_name(key)
            if name in seen:
                message = f"the key `{printable(name)}` stands here twice; keep one of them"
                self._refuse(problem((*path, key), message))
                continue
            seen.add(name)
            mapping[key] = self.value(value, (*path, key))
        return mapping

    def _whole_characters(self, text: str, path: Path) -> str:
        """JSON may spell one half of a surrogate pair, which is no character and cannot be stored."""
        if HALF_CHARACTER.search(text):
            self._refuse(problem(path, "this text contains half of a character (an unpaired surrogate); type it again"))
            return text.encode("ascii", "replace").decode()
        return text
