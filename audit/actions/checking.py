"""Looking at the seals: every hash computed again, and every stretch that is gone held against the checkpoint that says why."""

from django.db import connection

from audit.actions.retention import checkpoint_in_scope, is_signed
from audit.actions.seals import FIRST, HASHED, LINE, own_seals
from lib.errors import NotAllowed
from organisations.models import Membership
from organisations.scope import current

LIMITED = (
    "You see some of your company’s contracts, and the trail is about all of them. Ask a colleague who sees them all."
)

# {seals}: the table; {chain}: what of a chain; {theirs}: which entries are of it; {scheme}.
VERIFY = f"""
SELECT s.last_entry, s.entries, found.count, s.hash = found.hash AS same, s.last_entry <= %(cut)s AS gone,
    s.previous_hash = lag(s.hash, 1, %(first)s) OVER chain AS follows,
    EXISTS (SELECT FROM audit_entry e WHERE e.organisation_id = s.organisation_id AND e.id < s.first_entry
        AND e.id > s.before {{theirs}}) AS left_out
FROM (SELECT *, lag(last_entry, 1, '-9223372036854775808'::bigint) OVER ({{chain}} ORDER BY last_entry) AS before FROM {{seals}}) s
CROSS JOIN LATERAL (
    SELECT count(*), encode(sha256(convert_to(s.previous_hash || coalesce(string_agg(E'\\n' || CASE {{scheme}} WHEN 1 THEN {LINE}
        ELSE {HASHED.format(LINE)} END, '' ORDER BY id), ''),
        'UTF8')), 'hex') AS hash
    FROM audit_entry e WHERE e.organisation_id = s.organisation_id AND e.id BETWEEN s.first_entry AND s.last_entry {{theirs}}
) found WINDOW chain AS ({{chain}} ORDER BY s.last_entry) ORDER BY s.last_entry
"""
WHOLE = VERIFY.format(seals="audit_seal", chain="", theirs="", scheme="s.scheme")
OF_VENDORS = VERIFY.format(
    seals="audit_vendorseal",
    chain="PARTITION BY concerned_vendor_id",
    theirs="AND e.concerned_vendor_id = s.concerned_vendor_id",
    scheme="2",
)


def must_see_all_contracts(member: Membership) -> None:
    """NotAllowed for whoever is limited to some of a vendor's contracts: its trail is about all of them."""
    if member.contracts is not None:
        raise NotAllowed("limited", LIMITED)


def verify() -> list[str]:
    """What is wrong with the sealed trail, in words, seal by seal; empty is what it must be. A vendor's people verify their own chain.

    Seals that were cut off at the end leave no trace here: compare the last hash with one that was kept elsewhere.
    """
    found = []
    checkpoint = checkpoint_in_scope()
    cut = checkpoint.last_entry if checkpoint else 0
    if checkpoint and not is_signed(checkpoint):
        found.append(
            f"The checkpoint at entry {cut} bears no signature of ours: nobody knows who removed what is before it."
        )
    if checkpoint and cut and not own_seals().filter(last_entry=cut, hash=checkpoint.hash).exists():
        found.append(f"The checkpoint at entry {cut} is of no seal.")
    if current().vendor_id is None:
        found += _chain(WHOLE, cut, "The seal")
    return found + _chain(OF_VENDORS, cut, "The seal" if current().vendor_id else "A vendor’s seal")


def _chain(statement: str, cut: int, what: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"first": FIRST, "cut": cut})
        rows = cursor.fetchall()
    found = []
    for last, entries, count, same, gone, follows, left_out in rows:
        if not follows:
            found.append(f"{what} up to entry {last} does not follow the one before it.")
        if gone and not count:
            continue
        if count != entries:
            found.append(f"{what} up to entry {last} covers {entries} entries, but {count} are there.")
        elif not same:
            found.append(f"Entries of {what[:1].lower()}{what[1:]} up to entry {last} were changed.")
        if left_out:
            found.append(
                f"There are entries before {what[:1].lower()}{what[1:]} up to entry {last} that no seal covers."
            )
    return found


def last_hash() -> str:
    """The hash of the last seal: whoever keeps it elsewhere can prove later what the trail was up to then."""
    newest = own_seals().last()
    return newest.hash if newest else FIRST
