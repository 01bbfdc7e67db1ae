"""Sealing the trail.

A seal is SHA-256 over the previous seal's hash and the SHA-256 of each entry's line, each after a line feed (scheme 2; by scheme 1,
which older releases wrote, the lines themselves). A line is the entry as a JSON array in PostgreSQL's spelling: id, moment in UTC,
actor, request, table, row, operation, difference, transaction. Who keeps the exported lines and one hash can check the whole chain
before it without the database: `verify_trail.py` does.

Each vendor has a chain of its own over the entries that concern it, so that it can check them without learning how much else happens.
"""

from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from audit.models import Seal, VendorSeal
from organisations.scope import current, current_organisation_id

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
RETURNING entries, first_entry, last_entry
"""

# Of the stretch that was sealed, what concerns each vendor: the next seal of its chain.
SEAL_VENDORS = f"""
WITH entry AS (
    SELECT concerned_vendor_id AS vendor, id, {HASHED.format(LINE)} AS line FROM audit_entry
    WHERE organisation_id = %(organisation)s AND id BETWEEN %(from)s AND %(to)s AND concerned_vendor_id IS NOT NULL
), stretch AS (
    SELECT vendor, min(id) AS from_id, max(id) AS to_id, count(*) AS entries, string_agg(E'\\n' || line, '' ORDER BY id) AS lines
    FROM entry GROUP BY vendor
), chained AS (
    SELECT *, coalesce((
        SELECT hash FROM audit_vendorseal s WHERE s.organisation_id = %(organisation)s AND s.concerned_vendor_id = vendor
        ORDER BY s.last_entry DESC LIMIT 1), %(first)s) AS before
    FROM stretch
)
INSERT INTO audit_vendorseal (organisation_id, concerned_vendor_id, first_entry, last_entry, entries, previous_hash, hash, sealed_at)
SELECT %(organisation)s, vendor, from_id, to_id, entries, before, encode(sha256(convert_to(before || lines, 'UTF8')), 'hex'), %(now)s
FROM chained
"""

# Whether there is anything to seal.
IS_DUE = """
SELECT coalesce(
    (SELECT id FROM audit_entry WHERE organisation_id = %(organisation)s ORDER BY id DESC LIMIT 1)
        > coalesce((SELECT last_entry FROM audit_seal WHERE organisation_id = %(organisation)s ORDER BY last_entry DESC LIMIT 1), 0),
    false)
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
    given: dict[str, Any] = {"first": FIRST, "organisation": organisation, "at_once": BATCH_SIZE, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(SEAL, given)
        row = cursor.fetchone()
        if row is None:
            return 0
        cursor.execute(SEAL_VENDORS, given | {"from": row[1], "to": row[2]})
    return int(row[0])


def own_seals() -> QuerySet[Any]:
    """The chain that whoever the scope is of can check, the first seal first: a vendor's people have their own."""
    vendor = current().vendor_id
    found: QuerySet[Any] = (
        Seal.objects.all() if vendor is None else VendorSeal.objects.filter(concerned_vendor_id=vendor)
    )
    return found.order_by("last_entry")


def lines_between(first: int, last: int) -> list[tuple[int, str]]:
    """Entries of the chain that whoever the scope is of can check, from one to another, as they are hashed: number and line, in order."""
    vendor = current().vendor_id
    of_vendor = "" if vendor is None else "AND concerned_vendor_id = %s"
    given = [first, last] if vendor is None else [first, last, vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {LINE} FROM audit_entry WHERE id BETWEEN %s AND %s {of_vendor} ORDER BY id", given)
        return cursor.fetchall()
