"""What is done about scorecards: they are built from judged months, and a person publishes them."""

from scorecards.actions.building import DUE, STEP, build, build_due
from scorecards.actions.publishing import accept_publication, publish

__all__ = ["DUE", "STEP", "accept_publication", "build", "build_due", "publish"]
