"""What all parts of a contract file have in common.

A file is read twice. First strictly: every misshapen value is a problem. If there were any, a second time leniently: a
value that cannot be read becomes BROKEN, so that the checks which compare values can still say what is wrong with all
the others. A check that touches a BROKEN value ends there (`Unreadable`), without an opinion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from contracts.contract_file.problems import Found, Path
from contracts.contract_file.scalars import refusal

LENIENT = {"lenient": True}
# Names of union branches appear in the paths of errors; these two cannot be mistaken for keys of a file.
ONE, MANY = "\0one", "\0many"


class Unreadable(Exception):
    """A check touched a value that could not be read."""


class _Broken:
    """Stands where a value could not be read. Whatever is asked of it, the answer is Unreadable."""

    def _refuse(self, *_: object) -> NoReturn:
        raise Unreadable

    __getattr__ = __iter__ = __len__ = __bool__ = __str__ = __format__ = __hash__ = __contains__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse


BROKEN: Any = _Broken()


def _is_lenient(info: ValidationInfo) -> bool:
    return bool(info.context and info.context.get("lenient"))


def _tolerant(value: Any, handler: Any, info: ValidationInfo) -> Any:
    if not _is_lenient(info):
        return handler(value)
    if value is BROKEN:
        return BROKEN
    try:
        return handler(value)
    except ValidationError:
        return BROKEN


T = TypeVar("T")
Each = Annotated[T, WrapValidator(_tolerant)]
"""An item of a list or mapping: one broken item does not break the others."""


@dataclass(frozen=True)
class AtMost:
    """Part of the type of a list or mapping: so many entries. They are counted before any of them is looked at."""

    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._counted, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonDict:
        schema = handler(core)
        return {**schema, "maxProperties" if schema["type"] == "object" else "maxItems": self.most}

    def _counted(self, entries: Any) -> Any:
        if isinstance(entries, list | dict) and len(entries) > self.most:
            raise refusal(
                f"has {len(entries):,} entries; keep to {self.most:,}: leave out what has ended, or make two contracts of it"
            )
        return entries


NOT_EMPTY: JsonDict = {"minItems": 1}
"""For the published schema alone: an empty list is refused by a check, in its own words."""


def one_or_many(one: Any, many: Any) -> Any:
    """The type of a value that is either `one` or, written as a list, `many`."""
    return Annotated[
        Annotated[one, Tag(ONE)] | Annotated[many, Tag(MANY)],
        Discriminator(lambda value: MANY if isinstance(value, (list, tuple)) else ONE),
    ]


class Part(BaseModel):
    """A mapping of the file with known keys. Values cannot be changed; `document()` gives back what was written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _only_given(cls, data: Any, info: ValidationInfo) -> Any:
        """A known key with nothing behind it counts as not given."""
        if not isinstance(data, dict):
            return data
        keys = cls.keys()
        given = {key: value for key, value in data.items() if value is not None or key not in keys}
        if not _is_lenient(info):
            return given
        required = {key for key, name in keys.items() if cls.model_fields[name].is_required()}
        return dict.fromkeys(required, BROKEN) | {key: value for key, value in given.items() if key in keys}

    @field_validator("*", mode="wrap")
    @classmethod
    def _field(cls, value: Any, handler: Any, info: ValidationInfo) -> Any:
        return _tolerant(value, handler, info)

    @classmethod
    @cache  # of each class; asked for by each mapping of a file
    def keys(cls) -> dict[str, str]:
        """The keys of the file, in the order of the format, and the attribute that each one is."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}

    def document(self) -> dict[str, Any]:
        """What was written, and only that, ready for JSON: numbers as strings, days as YYYY-MM-DD."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def each(items: Any, *path: str | int) -> Iterator[tuple[Path, Any]]:
    """The readable items of a list with their paths; none, where the list itself cannot be read."""
    if items is BROKEN:
        return
    for position, item in enumerate(items):
        if item is not BROKEN:
            yield (*path, position), item


def as_far_as_readable(check: Found) -> Found:
    """The problems that a check finds before it comes upon something unreadable."""
    try:
        yield from check
    except Unreadable:
        return
