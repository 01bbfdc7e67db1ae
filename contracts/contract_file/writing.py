"""From a contract's document back to a file: tidy YAML, and the JSON Schema of the format."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.contract_file.file import ContractFile
from contracts.contract_file.problems import BadFile, problem
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.sentences import described
from contracts.contract_file.source import parse

WIDTH = 1_000_000  # a text is never broken, so that it can be searched
SHORT = 116
TITLE = "Plumbline contract file, version 1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def write(document: dict[str, Any]) -> str:
    """The document of a contract as YAML, keys in the order of the format; reading it gives the same document again.

    BadFile where its shape is not that of a contract file. Values are not checked against each other, so that what is
    stored can always be written.
    """
    try:
        file = ContractFile.model_validate(parse(json.dumps(document)))
    except ValidationError as error:
        raise BadFile(
            problem(path, message) for path, message in described(error.errors(include_url=False), ContractFile)
        ) from None
    given = file.model_dump(by_alias=True, exclude_unset=True)
    return str(yaml.dump(given, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH))


class _Dumper(yaml.SafeDumper):
    """Lists stand indented under their key; what is short stands on one line; whole numbers and days have no quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent(self, data: Any) -> None:
        node = self.represent_data(data)
        for _, section in node.value:
            for entry in [value for _, value in section.value] if isinstance(section, yaml.MappingNode) else [section]:
                _shorten(entry)
        self.serialize(node)


def _number(dumper: _Dumper, number: Decimal) -> yaml.Node:
    digits = format_decimal(number)
    if "." in digits:  # in quotes, so that no other program makes a binary fraction of it
        return dumper.represent_scalar("tag:yaml.org,2002:str", digits, style='"')
    return dumper.represent_scalar("tag:yaml.org,2002:int", digits)


def _day(dumper: _Dumper, day: date) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", day.isoformat())


_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(date, _day)


def _shorten(node: yaml.Node) -> int:
    """Put what is short on one line, from the inside out; gives the length that the node has on one line."""
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 2
    children = [child for pair in node.value for child in (pair if isinstance(pair, tuple) else (pair,))]
    length = sum(_shorten(child) for child in children) + 2
    if isinstance(node, yaml.SequenceNode) and not all(isinstance(child, yaml.ScalarNode) for child in children):
        length = max(length, SHORT + 1)  # one entry, one line
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = length <= SHORT
    return length


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of contract files: keys, types and choices. What has to fit together across keys is
    checked by reading alone."""
    return {"$schema": DIALECT, "title": TITLE, **_as_read(ContractFile.model_json_schema())}


def _as_read(schema: Any) -> Any:
    """The schema of the models as files are read: without titles, which are made from names of classes and attributes;
    an optional key may have nothing behind it; a mapping has no keys of another form than the ones described."""
    if isinstance(schema, list):
        return [_as_read(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    read = {}
    for key, inner in schema.items():
        if key in ("properties", "$defs"):
            read[key] = {name: _as_read(part) for name, part in inner.items()}
        elif key != "title":
            read[key] = _as_read(inner)
    for name in read.get("properties", {}).keys() - set(read.get("required", [])):
        read["properties"][name] = _or_nothing(read["properties"][name])
    return {**read, "additionalProperties": False} if "patternProperties" in read else read


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    nothing = {"type": "null"}
    if nothing in schema.get("anyOf", []):
        return schema
    about: dict[str, Any] = {key: schema[key] for key in ("default", "description") if key in schema}
    return {"anyOf": [{key: part for key, part in schema.items() if key not in about}, nothing], **about}
