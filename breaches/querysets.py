"""Finding breaches."""

from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import F, Max, OuterRef, Subquery

from breaches.rules import LIVE, Status
from breaches.rules.plans import ENDED

NEWEST_FIRST = ("-month", "-opened_at", "-pk")


class BreachQuerySet(models.QuerySet[Any]):
    def live(self) -> "BreachQuerySet":
        """Those that somebody still has to do something about."""
        return self.filter(status__in=LIVE)

    def unacknowledged(self) -> "BreachQuerySet":
        return self.filter(status=Status.OPEN)

    def with_names(self) -> "BreachQuerySet":
        """With all that a row of a list says, newest first, in one statement."""
        names = ("vendor", "contract", "service_level", "period", "plan")
        return self.select_related(*names).order_by(*NEWEST_FIRST)

    def with_rung(self) -> "BreachQuerySet":
        """With `reached`: the last rung of the ladder, from 0, reached since it opened; null: none. For the client's people alone."""
        rungs = self.model._meta.get_field("escalations").related_model.objects
        last = rungs.filter(breach=OuterRef("pk"), opened_at=OuterRef("opened_at"), reached_at__isnull=False)
        return self.annotate(reached=Subquery(last.order_by("-rung").values("rung")[:1]))

    def cut(self, first: int, end: int) -> "BreachQuerySet":
        """Those of a page, newest first, with what a row of the list says. Names are joined to the page alone: of hundreds that are sorted
        and not shown they took ten times as long."""
        page = self.order_by(*NEWEST_FIRST).values("pk")[max(first, 0) : end]
        names = ("vendor", "service_level", "period", "plan")
        rows = self.model.objects.filter(pk__in=page).select_related(*names).defer("service_level__document")
        return rows.order_by(*NEWEST_FIRST)


class PlanQuerySet(models.QuerySet[Any]):
    def running(self) -> "PlanQuerySet":
        """Those that are not over."""
        return self.exclude(status__in=ENDED)

    def with_revision(self) -> "PlanQuerySet":
        """With `revision`: of the latest proposal, None where there is none yet."""
        return self.annotate(revision=Max("proposals__revision"))

    def waiting(self) -> "PlanQuerySet":
        """Those with a proposal that the client has not decided on."""
        return self.running().with_revision().filter(revision__gt=F("decided_revision"))


class StepQuerySet(models.QuerySet[Any]):
    def with_reports(self) -> "StepQuerySet":
        """With `done`, `done_at` and `done_by_name` of the last report on each; null where nobody reported."""
        reports = self.model._meta.get_field("reports").related_model.objects
        last = reports.filter(step=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(
            done=Subquery(last.values("done")[:1]),
            done_at=Subquery(last.values("at")[:1]),
            done_by_name=Subquery(last.values("by_name")[:1]),
        )


ENTRIES = "SELECT json_agg(e ORDER BY e.at, e.id)::text FROM breaches_threadentry AS e WHERE e.breach_id = %(breach)s"
FAMILY = """SELECT json_agg(f ORDER BY f.starts_on DESC)::text FROM (
    SELECT b.id, b.starts_on, b.month, b.status, b.opened_at, p.cycle, p.starts_on AS first_day, p.ends_on AS last_day
    FROM breaches_breach AS b JOIN contracts_period AS p ON p.id = b.period_id
    WHERE b.service_level_id = %(level)s AND b.id <> %(breach)s ORDER BY b.starts_on DESC LIMIT 13
) AS f"""
# Of the client's own alone.
NOTES = "SELECT json_agg(n ORDER BY n.at, n.id)::text FROM breaches_internalnote AS n WHERE n.breach_id = %(breach)s"
RUNGS = (
    "SELECT json_agg(r ORDER BY r.reached_at, r.id)::text FROM breaches_escalation AS r WHERE r.breach_id = %(breach)s"
)
WATCHERS = "SELECT json_agg(w ORDER BY w.name)::text FROM breaches_watcher AS w WHERE w.breach_id = %(breach)s"
EXCUSALS = (
    "SELECT json_agg(x ORDER BY x.proposed_at, x.id)::text FROM breaches_excusal AS x WHERE x.breach_id = %(breach)s"
)
LADDER = "SELECT s.escalation::text FROM organisations_organisationsettings AS s"
FILES = """SELECT json_agg(f ORDER BY f.id)::text FROM breaches_threadfile AS f JOIN breaches_threadentry AS e ON e.id = f.entry_id
    WHERE e.breach_id = %(breach)s AND f.state <> 'pending'"""
NOTE_FILES = """SELECT json_agg(f ORDER BY f.id)::text FROM breaches_notefile AS f JOIN breaches_internalnote AS n ON n.id = f.note_id
    WHERE n.breach_id = %(breach)s AND f.state <> 'pending'"""


class Said(NamedTuple):
    """Each as JSON (`lib.json_rows`); what follows after the files of the entries is the client's own."""

    entries: str
    family: str  # the breaches of other periods of the service level, the latest first
    files: str
    notes: str
    note_files: str
    rungs: str
    watchers: str
    excusals: str
    ladder: str  # the organisation's own (organisations.ladder); an empty list: the usual


def said_about(breach_id: int, level_id: int, *, own: bool) -> Said:
    """What was said about a breach and what happened to it. A vendor's people may not ask for the client's `own`. One statement."""
    mine = (NOTES, NOTE_FILES, RUNGS, WATCHERS, EXCUSALS, LADDER)
    wanted = (ENTRIES, FAMILY, FILES, *(mine if own else ("NULL",) * len(mine)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({'), ('.join(wanted)})", {"breach": breach_id, "level": level_id})
        return Said(*(text or "[]" for text in cursor.fetchone()))
