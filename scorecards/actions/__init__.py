"""What is done about scorecards: they are built from judged months, and a person publishes them."""

from scorecards.actions.building import STEP, build, build_due
from scorecards.actions.pack_templates import save_as_template
from scorecards.actions.packs import (
    PACKS_ARE_DUE,
    ask_for_edition,
    begin_pack,
    cancel_edition,
    change_pack,
    make_due,
    move_section,
    publish_edition,
    write_section,
)
from scorecards.actions.publishing import accept_publication, next_edition, publish

__all__ = [
    "PACKS_ARE_DUE",
    "STEP",
    "accept_publication",
    "ask_for_edition",
    "begin_pack",
    "build",
    "build_due",
    "cancel_edition",
    "change_pack",
    "make_due",
    "move_section",
    "next_edition",
    "publish",
    "publish_edition",
    "save_as_template",
    "write_section",
]
