"""What a web process does once, so that a page costs no more than its own work: memory for frames, little for the collector to do, and
addresses that are put together once."""

import gc
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.core.signals import request_finished
from django.urls import URLResolver, get_resolver

# What the outermost frame of a request claims, in slots of 8 bytes: its piece of memory then is 1 MB, the half of it for the frames above.
# What nobody touches takes no memory.
CLAIM = 70_000
# Objects that may come together before rings are looked for among the newest, and how often before it is among those that stayed: a page
# makes some thousands, and leaves none. It is done when an answer has been sent, and in the middle of one only where that one made many.
YOUNG, RARELY = 10_000, 20
IN_BETWEEN = 20 * YOUNG
# Addresses that are kept, some 300 bytes each. A page has 30 to 130, of which 30 stand on all pages of an organisation.
ADDRESSES = 10_000


def with_room(application: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The same WSGI application, called from a frame with room above it.

    CPython keeps frames in pieces of 16 KB. It asks the system for the next piece when a call does not fit, and gives it back when that
    call returns. A template's loop that happens to stand at the end of a piece crossed it 800 times in one page: 34 of 83 ms went into
    memory that was mapped, filled with zeros and unmapped again. A frame that claims much gets a larger piece, and its calls the rest.
    """

    def roomy(environ: Any, start_response: Any) -> Any:
        return application(environ, start_response)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=CLAIM)
    return roomy


def keep_what_was_loaded() -> None:
    """Load all modules, and have the collector never look through them again: that took 20 ms of whichever request it came in. Through what
    is newer it looks after answers: that took 7 ms of every sixth scorecard."""
    get_resolver().url_patterns  # noqa: B018  addresses lead to every view, form and model
    gc.collect()
    gc.freeze()
    gc.set_threshold(IN_BETWEEN, RARELY, RARELY)
    request_finished.connect(collect_rings, dispatch_uid="collect_rings")


def collect_rings(**_: Any) -> None:
    """Nobody waits for it: the answer has been sent."""
    young, _middle, old = gc.get_count()
    if young > YOUNG:
        gc.collect(2 if old > RARELY else 1)


def remember_addresses() -> None:
    """Put an address together once: it follows from its name and what it is of, and takes Django a sixth of a long list's time."""
    together = URLResolver._reverse_with_prefix  # type: ignore[attr-defined]
    URLResolver._reverse_with_prefix = lru_cache(ADDRESSES, typed=True)(together)  # type: ignore[attr-defined]
