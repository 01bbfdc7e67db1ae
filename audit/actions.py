"""Sealing the trail and looking at the seals. Both work on the organisation in scope.

A seal is SHA-256 over the previous seal's hash and the SHA-256 of each entry's line, each after a line feed (scheme 2; by scheme 1,
which older releases wrote, the lines themselves). A line is the entry as a JSON array in PostgreSQL's spelling: id, moment in UTC,
actor, request, table, row, operation, difference, transaction. Who keeps the exported lines and one hash can check the whole chain
before it without the database: `verify_trail.py` does.
"""

from datetime import datetime

from django.db import OperationalError, connection, transaction

from audit.models import Seal
from organisations.scope import current_organisation_id

FIRST = "0" * 64  # stands where the first seal has nothing before it
BATCH_SIZE = 10_000
LOCK_TIMEOUT = "2s"  # writers wait behind whoever waits to seal: not for long
LOCK_NOT_AVAILABLE = "55P03"

LINE = """jsonb_build_array(id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_id, request_id, table_name, row_id,
    operation, difference, transaction_id)::text"""

HASHED = "encode(sha256(convert_to({}, 'UTF8')), 'hex')"

SEAL = f"""
WITH before AS (
    SELECT coalesce((SELECT last_entry FROM audit_seal ORDER BY last_entry DESC LIMIT 1), 0) AS last_entry,
           coalesce((SELECT hash FROM audit_seal ORDER BY last_entry DESC LIMIT 1), %(first)s) AS hash
), entry AS (
    SELECT id, {HASHED.format(LINE)} AS line FROM audit_entry WHERE organisation_id = %(organisation)s
        AND id > (SELECT last_entry FROM before) ORDER BY id LIMIT %(at_once)s
)
INSERT INTO audit_seal (organisation_id, first_entry, last_entry, entries, previous_hash, hash, sealed_at, scheme)
SELECT %(organisation)s, min(id), max(id), count(*), min(before.hash),
    encode(sha256(convert_to(min(before.hash) || string_agg(E'\\n' || line, '' ORDER BY id), 'UTF8')), 'hex'), %(now)s, 2
FROM entry, before HAVING count(*) > 0
RETURNING entries
"""

# Whether there is anything to seal.
IS_DUE = """
SELECT EXISTS (
    SELECT FROM audit_entry WHERE organisation_id = %(organisation)s
        AND id > coalesce((SELECT last_entry FROM audit_seal WHERE organisation_id = %(organisation)s ORDER BY last_entry DESC LIMIT 1), 0)
)
"""

VERIFY = f"""
SELECT s.last_entry, s.entries, found.count, s.hash = found.hash AS same,
    s.previous_hash = lag(s.hash, 1, %(first)s) OVER chain AS follows,
    EXISTS (SELECT FROM audit_entry e WHERE e.organisation_id = s.organisation_id AND e.id < s.first_entry
        AND e.id > s.before) AS left_out
FROM (SELECT *, lag(last_entry, 1, '-9223372036854775808'::bigint) OVER (ORDER BY last_entry) AS before FROM audit_seal) s
CROSS JOIN LATERAL (
    SELECT count(*), encode(sha256(convert_to(s.previous_hash || coalesce(string_agg(E'\\n' || CASE s.scheme WHEN 1 THEN {LINE}
        ELSE {HASHED.format(LINE)} END, '' ORDER BY id), ''),
        'UTF8')), 'hex') AS hash
    FROM audit_entry e WHERE e.organisation_id = s.organisation_id AND e.id BETWEEN s.first_entry AND s.last_entry
) found WINDOW chain AS (ORDER BY s.last_entry) ORDER BY s.last_entry
"""


@transaction.atomic
def seal(*, now: datetime) -> int:
    """Seal what the trail has grown by, 10,000 entries at most, and return how many; 0 when there is nothing, or when somebody
    has been writing for so long that it is left to the next time."""
    organisation = current_organisation_id()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT]
            )
            before = cursor.fetchone()[0]
            key: list[str | int] = ["audit_entry", organisation % 2147483647]
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", key)
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    except OperationalError as busy:
        if getattr(busy.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        return 0
    with connection.cursor() as cursor:
        cursor.execute(SEAL, {"first": FIRST, "organisation": organisation, "at_once": BATCH_SIZE, "now": now})
        row = cursor.fetchone()
    return row[0] if row else 0


def verify() -> list[str]:
    """What is wrong with the sealed trail, in words, seal by seal; empty is what it must be.

    Seals that were cut off at the end leave no trace here: compare the last hash with one that was kept elsewhere.
    """
    with connection.cursor() as cursor:
        cursor.execute(VERIFY, {"first": FIRST})
        rows = cursor.fetchall()
    found = []
    for last, entries, count, same, follows, left_out in rows:
        if not follows:
            found.append(f"The seal up to entry {last} does not follow the one before it.")
        if count != entries:
            found.append(f"The seal up to entry {last} covers {entries} entries, but {count} are there.")
        elif not same:
            found.append(f"Entries of the seal up to entry {last} were changed.")
        if left_out:
            found.append(f"There are entries before the seal up to entry {last} that no seal covers.")
    return found


def lines_of(seal: Seal) -> list[tuple[int, str]]:
    """The entries of a sealed stretch as they are hashed: number and line, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {LINE} FROM audit_entry WHERE id BETWEEN %s AND %s ORDER BY id",
            [seal.first_entry, seal.last_entry],
        )
        return cursor.fetchall()


def last_hash() -> str:
    """The hash of the last seal: whoever keeps it elsewhere can prove later what the trail was up to then."""
    newest = Seal.objects.order_by("-last_entry").first()
    return newest.hash if newest else FIRST
