"""Finding by words, in what the reader may see: names, codes and references, and through them breaches and submissions.

Only names are looked through, which an organisation has thousands of and not millions; what there is one of for every month is found
through the names by its index.
All that are found are sorted and counted, therefore by columns of their own alone; what a row says of other rows is looked up for those
that are shown (`_saying`).
"""

import re
from calendar import month_abbr, month_name
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Subquery

from breaches.models import Breach
from breaches.querysets import NEWEST_FIRST
from contracts.models import Contract
from lib.months import month_of
from measurements.models import Submission
from measurements.rules import Status
from organisations.models import Membership, Vendor
from slas.models import ServiceLevel

MOST_WORDS = 6
YEAR = re.compile(r"(19|20|21)[0-9]{2}")
MONTHS = {name.lower(): number for names in (month_name, month_abbr) for number, name in enumerate(names) if name}
CLOSEST = (Path(__file__).parent.parent / "sql" / "closest_words.sql").read_text()
# Below this a word is another word: "priorty" and "priority" have 0.67, "corvd" and "corvid" 0.44, "desk" and "disk" 0.25. What is
# corrected wrongly is said, with the way back to what was typed.
ALIKE = 0.4

VENDOR = ("vendor__name", "vendor__code")
CONTRACT = ("contract__reference", "contract__title")


@dataclass(frozen=True)
class Words:
    """What somebody looks for: words that begin a word of a name, and a span of months, where they name one."""

    every: tuple[str, ...]
    names: tuple[str, ...]
    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return bool(self.every)

    @property
    def of_months(self) -> Q:
        return Q(month__gte=self.first, month__lte=self.last) if self.first else Q()

    def found_in(self, own: Sequence[str], around: Sequence[str] = (), names: Sequence[str] | None = None) -> Q:
        """Each word begins a word of the row's own names or of those around it, and one at least of its own."""
        looked_for = self.every if names is None else names
        if not looked_for:
            return Q(pk__in=())
        tests = [
            {column: Q(**{f"{column}__iregex": rf"\m{re.escape(word)}"}) for column in (*own, *around)}
            for word in looked_for
        ]
        own_one = reduce(or_, (columns[column] for columns in tests for column in own))
        if len(tests) == 1:
            return own_one
        return reduce(and_, (reduce(or_, columns.values()) for columns in tests)) & own_one


def words_of(text: str) -> Words:
    """The words of a text, lower case, at most six. "2026", "2026-10", "october 2026" and "oct 2026" name months, too."""
    every = tuple(re.findall(r"[^\W_][^\s\0]+|[0-9]", text.lower())[:MOST_WORDS])
    dated = {word: month for word in every if (month := month_of(word))}
    years = {word: int(word) for word in every if YEAR.fullmatch(word)}
    months = {word: MONTHS[word] for word in every if word in MONTHS} if years else {}
    names = tuple(word for word in every if word not in {*dated, *years, *months})
    if dated:
        return Words(every, names, min(dated.values()), max(dated.values()))
    if years:
        year = min(years.values())
        first, last = min(months.values(), default=1), max(months.values(), default=12)
        return Words(every, names, date(year, first, 1), date(year, last, 1))
    return Words(every, every)


def _among(column: str, rows: QuerySet[Any, Any]) -> Func:
    """Whose column is one of these, which are found first, by themselves; `__in` would look for each row's own among them."""
    any_of: dict[str, Any] = {"template": "%(expressions)s)", "arg_joiner": " = ANY (", "output_field": BooleanField()}
    return Func(F(column), ArraySubquery(rows), **any_of)


def _saying(found: QuerySet[Any], *paths: str) -> QuerySet[Any]:
    """With columns of other rows: `vendor__name` as `vendor_name`. PostgreSQL looks them up after it has sorted and cut; joined, they
    were joined to thousands of rows to show five, and a word of every service level took 300 ms."""
    looked_up = {}
    for path in paths:
        key, column = path.split("__")
        rows: QuerySet[Any] = found.model._meta.get_field(key).related_model.objects.order_by()
        looked_up[f"{key}_{column}"] = Subquery(rows.filter(pk=OuterRef(f"{key}_id")).values(column))
    return found.annotate(**looked_up)


def vendors(words: Words) -> QuerySet[Vendor]:
    return Vendor.objects.current().filter(words.found_in(("name", "code"))).order_by("name", "pk")


def contracts(words: Words) -> QuerySet[Contract]:
    found = Contract.objects.filter(words.found_in(("reference", "title"), VENDOR)).order_by("title", "pk")
    return _saying(found.only("reference", "title", "starts_on", "ends_on"), "vendor__name")


def service_levels(words: Words) -> QuerySet[ServiceLevel]:
    found = _levels(words, words.every).order_by("name", "contract_id", "pk").only("name", "code", "contract_id")
    return _saying(found, "contract__reference", "vendor__name")


def _levels(words: Words, names: Sequence[str]) -> QuerySet[ServiceLevel]:
    return ServiceLevel.objects.filter(words.found_in(("name", "code"), (*CONTRACT, *VENDOR), names))


def breaches(words: Words) -> QuerySet[Breach]:
    levels = _levels(words, words.names).order_by().values("pk")
    found = Breach.objects.filter(words.of_months, _among("service_level_id", levels)).order_by(*NEWEST_FIRST)
    period = ("period__cycle", "period__starts_on", "period__ends_on")
    return _saying(
        found.only("status"), "service_level__name", "contract__reference", "vendor__name", "plan__status", *period
    )


def submissions(words: Words) -> QuerySet[Submission]:
    """Of the contracts that the words find, the revisions that count, newest first."""
    found = Submission.objects.exclude(status=Status.SUPERSEDED).filter(words.of_months)
    if words.names:
        # Names are read once for a contract, and not for each of its months.
        of = Contract.objects.filter(words.found_in(("reference", "title", *VENDOR), names=words.names))
        found = found.filter(_among("contract_id", of.values("pk")))
    elif not words.first:
        return found.none()
    rows = found.order_by("-month", "contract_id", "-revision").only("month", "status")
    return _saying(rows, "contract__title", "contract__reference", "vendor__name")


def people(words: Words) -> QuerySet[Membership]:
    found = Membership.objects.filter(is_active=True, user__isnull=False)
    return _saying(found.filter(words.found_in(("name", "email"), VENDOR)).order_by("name", "pk"), "vendor__name")


def closest(text: str) -> str:
    """The text with each word that begins no word of any name replaced by the most similar one; itself where none is similar.

    One statement.
    """
    words = words_of(text).names
    if not words:
        return text
    with connection.cursor() as cursor:
        cursor.execute(CLOSEST, {"words": list(words), "alike": ALIKE})
        better = dict(cursor.fetchall())
    return " ".join(better.get(word, word) for word in words_of(text).every)
