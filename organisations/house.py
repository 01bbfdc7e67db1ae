"""What an organisation's pages look like: its clock, the bands and colours of scores, its logo. Read with the membership.

A band of scores is a name (or none), the whole score from which it counts, and a pair of colours (or ours). Five of them, best first;
the last has no lower end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from lib.charts import BANDS
from lib.contrast import COLOUR, READABLE, contrast, lighter
from lib.errors import RuleBroken
from lib.formats import USUAL as USUAL_FORMATS
from lib.formats import Formats

CLASSES = (*(css for _, css in BANDS), "bad")
PLACES = ("Band 1", "Band 2", "Band 3", "Band 4", "Band 5")


@dataclass(frozen=True)
class Band:
    """`css` is its place (top, ok, low, poor, bad); `begins` None for the last; `ground` and `text` are both colours or both empty."""

    css: str
    begins: int | None
    name: str = ""
    ground: str = ""
    text: str = ""


USUAL = (*(Band(css, int(at)) for at, css in BANDS), Band("bad", None))


@dataclass(frozen=True)
class House:
    """`version` is that of the settings: what a browser has kept of an older one is fetched again."""

    timezone: str = "UTC"
    bands: tuple[Band, ...] = USUAL
    logo_hash: str = ""
    version: int = 0
    formats: Formats = USUAL_FORMATS
    accept_after: int | None = None  # working days, where a contract says nothing

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def heat_bands(self) -> tuple[tuple[int, str], ...]:
        """As `lib.charts.heat_cell` takes them."""
        return tuple((band.begins, band.css) for band in self.bands if band.begins is not None)

    @property
    def coloured(self) -> bool:
        return any(band.ground for band in self.bands)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The bands in words: class and text."""
        words = []
        above: int | None = None
        for band in self.bands:
            if band.begins is None:
                scores = f"Under {above}"
            else:
                scores = f"{band.begins}+" if above is None else f"{band.begins}–{above - 1}"
            words.append((band.css, f"{band.name}, {scores[:1].lower()}{scores[1:]}" if band.name else scores))
            above = band.begins
        return words


# The columns of the settings that a house is made of.
HOUSE_COLUMNS = ("timezone", "bands", "logo_hash", "version", "number_style", "day_style", "accept_after")


def house_of(values: Mapping[str, Any] | None) -> House:
    """From the columns that `organisations.presence.with_house` reads; the usual one where there are none."""
    if values is None:
        return House()
    formats = Formats(values["number_style"], values["day_style"])
    bands, accept_after = stored_bands(values["bands"]), values["accept_after"]
    return House(values["timezone"], bands, values["logo_hash"], values["version"], formats, accept_after)


def stored_bands(rows: Sequence[Mapping[str, Any]]) -> tuple[Band, ...]:
    """The bands that are stored; the usual ones where none are."""
    if not rows:
        return USUAL
    return tuple(Band(css, **row) for css, row in zip(CLASSES, rows, strict=True))


def colours_css(bands: Sequence[Band]) -> str:
    """The style sheet of an organisation's own colours. They have been checked: `check_bands`."""
    rules = [
        f".heat td.h-{band.css} > :is(a, span) {{ --hb: {band.ground}; --hi: {band.text}; }}\n"
        f".key--{band.css} {{ background: {band.ground}; }}\n"
        for band in bands
        if band.ground
    ]
    return "@layer pages {\n" + "".join(rules) + "}\n"


class BandRefused(RuleBroken):
    """`place` is the band, from 0; `field` what of it is wrong."""

    def __init__(self, place: int, field: str, sentence: str) -> None:
        super().__init__("band", sentence)
        self.place, self.field = place, field


def check_bands(bands: Sequence[Band]) -> None:
    """BandRefused where the bands do not fall from the best to the last, or a text cannot be read on its ground."""
    for place, band in enumerate(bands[:-1]):
        if band.begins is None or not 1 <= band.begins <= 100:
            raise BandRefused(place, "begins", f"{_called(place, band)} needs a whole score from 1 to 100.")
        above = bands[place - 1].begins if place else None
        if above is not None and band.begins >= above:
            text = f"{_called(place, band)} begins at {band.begins}; the band above begins at {above}. Enter less than {above}."
            raise BandRefused(place, "begins", text)
    for place, band in enumerate(bands):
        _check_colours(place, band)


def _check_colours(place: int, band: Band) -> None:
    if not band.ground and not band.text:
        return
    for field, colour in (("ground", band.ground), ("text", band.text)):
        if not COLOUR.fullmatch(colour):
            text = f"{_called(place, band)}: enter both colours like #1c6b49, or neither to keep ours."
            raise BandRefused(place, field, text)
    ratio = contrast(band.ground, band.text)
    if ratio < READABLE:
        remedy = (
            "Lighten the ground or darken the text"
            if lighter(band.ground, band.text)
            else "Darken the ground or lighten the text"
        )
        text = f"{_called(place, band)}: the contrast of text and ground is {ratio} : 1, and {READABLE} : 1 is needed. {remedy}."
        raise BandRefused(place, "text", text)


def _called(place: int, band: Band) -> str:
    return f"“{band.name}”" if band.name else PLACES[place]
