"""Work on many contracts at once that no single one of them can hold up."""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from django.db import DatabaseError, transaction

from contracts.actions import clear_failures, note_failures
from lib.postgres import describe_refusal

log = logging.getLogger(__name__)
Due = TypeVar("Due")


def do_apart(
    due: Mapping[int, Due],
    work: Callable[[list[Due]], object],
    *,
    step: str,
    failed_before: Collection[int],
    now: datetime,
) -> list[Due]:
    """Do a step's work for contracts together or, where the database refuses that, for each by itself. Returns what was done.

    `due`: what `work` is given of each, by contract. What is refused for one contract (a number too large for its column, a key that
    is there twice) is counted on its row in the re-evaluation queue with the reason, and tried again later; `failed_before` names
    contracts of which that is known, which are not put together with others. What is wrong with the surroundings (a lost connection,
    a full disk) is raised.
    """
    together = [contract for contract in due if contract not in failed_before]
    shares = [[contract] for contract in due if contract in failed_before]
    if together:
        shares.append(together)
    done: list[int] = []
    refused: dict[int, str] = {}
    while shares:
        share = shares.pop()
        try:
            with transaction.atomic():
                work([due[contract] for contract in share])
        except DatabaseError as error:
            because = describe_refusal(error)
            if because is None:
                raise
            if len(share) > 1:
                shares += [[contract] for contract in share]
                continue
            log.exception("Contract %s cannot be worked out (%s).", share[0], step)
            refused[share[0]] = because
        else:
            done += share
    if refused:
        note_failures(step, refused, now=now)
    if mended := [contract for contract in done if contract in failed_before]:
        clear_failures(step, mended)
    return [due[contract] for contract in done]
