"""Work on many contracts at once that no single one of them can hold up."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime

from django.db import DatabaseError, transaction

from contracts.actions import clear_failures, note_failures
from evaluation.pipeline import EvaluationRequest
from lib.postgres import describe_refusal

log = logging.getLogger(__name__)


def do_apart(
    due: Collection[EvaluationRequest],
    work: Callable[[list[EvaluationRequest]], object],
    *,
    step: str,
    failed_before: Collection[int],
    now: datetime,
) -> list[EvaluationRequest]:
    """Do a step's work for contracts together or, where the database refuses that, for each by itself. Returns those that were done.

    What is refused for one contract (a number too large for its column, a key that is there twice) is counted on its row in the
    re-evaluation queue with the reason, and tried again later; `failed_before` names contracts of which that is known, which are
    not put together with others. What is wrong with the surroundings (a lost connection, a full disk) is raised.
    """
    together = [one for one in due if one.contract_id not in failed_before]
    shares = [[one] for one in due if one.contract_id in failed_before]
    if together:
        shares.append(together)
    done: list[EvaluationRequest] = []
    refused: dict[int, str] = {}
    while shares:
        share = shares.pop()
        try:
            with transaction.atomic():
                work(share)
        except DatabaseError as error:
            because = describe_refusal(error)
            if because is None:
                raise
            if len(share) > 1:
                shares += [[one] for one in share]
                continue
            log.exception("Contract %s cannot be worked out (%s).", share[0].contract_id, step)
            refused[share[0].contract_id] = because
        else:
            done += share
    if refused:
        note_failures(step, refused, now=now)
    if mended := [one.contract_id for one in done if one.contract_id in failed_before]:
        clear_failures(step, mended)
    return done
