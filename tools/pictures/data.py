"""The data: one card a table, under its app, with the keys that it has to other tables."""

from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import ForeignKey, Model

from tools.pictures.drawing import Sheet

ACROSS, CARD, GAP, LINE, TOP, LEFT = 5, 204, 28, 16, 110, 148
LANES = 6  # keys to one table share a lane; so many lanes fit into a gutter
# Nearly every row has these keys; a line for each would hide the others.
EVERYWHERE = {"organisation", "vendor"}
# So many keys point at these that they are written, not drawn.
HUBS = {"Organisation", "Vendor", "User", "Membership", "Contract"}


@dataclass
class Card:
    model: type[Model]
    keys: list[ForeignKey] = field(default_factory=list)
    x: float = 0
    y: float = 0

    @property
    def height(self) -> float:
        return 46 + LINE * len(self.keys)

    @property
    def belongs(self) -> str:
        columns = {one.column: one for one in self.model._meta.local_concrete_fields}
        if "organisation_id" not in columns:
            return "of no organisation"
        if "vendor_id" not in columns:
            return "of an organisation"
        return "of a vendor, or of none" if columns["vendor_id"].null else "of a vendor"


def cards(app: str) -> list[Card]:
    """The tables of an app in the order of its models, each with its keys but for organisation and vendor."""
    return [
        Card(
            model,
            [one for one in model._meta.local_fields if isinstance(one, ForeignKey) and one.name not in EVERYWHERE],
        )
        for model in apps.get_app_config(app).get_models()
    ]


def draw(line: list[list[str]]) -> str:
    """The picture as SVG; `line` are the steps of the import line, the top first."""
    sheet = Sheet(
        "The data",
        "Keys point down the line of apps. Those to contracts, members, vendors and organisations are written, the others drawn as well.",
    )
    placed: dict[type[Model], Card] = {}
    y = float(TOP)
    bands = []
    for app in [app for step in line for app in step if apps.is_installed(app)]:
        found = cards(app)
        if not found:
            continue
        bands.append((app, y))
        for begin in range(0, len(found), ACROSS):
            row = found[begin : begin + ACROSS]
            for column, card in enumerate(row):
                card.x, card.y = LEFT + column * (CARD + GAP), y
                placed[card.model] = card
            y += max(card.height for card in row) + GAP
        y += GAP
    width = LEFT + ACROSS * (CARD + GAP) + 8
    for app, at in bands:
        sheet.line(24, at - GAP, width - 24, at - GAP)
        sheet.text(24, at + 18, app, "name")
    _keys(sheet, placed)
    for card in placed.values():
        _card(sheet, card)
    return sheet.svg(width, int(y))


def _keys(sheet: Sheet, placed: dict[type[Model], Card]) -> None:
    lanes: dict[type[Model], float] = {}
    for card in placed.values():
        for number, key in enumerate(card.keys):
            target = placed.get(key.related_model)
            if target and key.related_model.__name__ not in HUBS:
                lane = lanes.setdefault(target.model, len(lanes) % LANES * 3)
                sheet.route(card.x, card.y + 46 + number * LINE, target.x + CARD / 2 - lane, target.y, lane)


def _card(sheet: Sheet, card: Card) -> None:
    sheet.box(card.x, card.y, CARD, card.height)
    sheet.text(card.x + 10, card.y + 18, card.model.__name__, "name")
    sheet.text(card.x + 10, card.y + 33, card.belongs, "quiet small")
    for number, key in enumerate(card.keys):
        target = key.related_model.__name__
        arrow = f"→ {target}" if key.name.replace("_", "") == target.lower() else f"{key.name} → {target}"
        sheet.text(card.x + 10, card.y + 50 + number * LINE, arrow, "small")
