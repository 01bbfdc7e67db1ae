"""A sheet as plain text, indented: for the command line, and for whoever has no browser."""

from collections.abc import Iterator

from explanations.sheet import POINTS, Line, Sheet

STEP = "  "


def text(sheet: Sheet) -> str:
    """The sheet in lines; what belongs to a heading is indented below it."""
    lines = [sheet.verdict]
    for heading, part in (
        ("Figures", _figures(sheet)),
        ("Value", _value(sheet)),
        (f"Terms, version {sheet.terms.number}, {sheet.terms.dates}", _bands(sheet)),
        ("Judgement", _named(sheet.judgement)),
        ("Points", _points(sheet)),
        (f"Money of {sheet.month}", _money(sheet)),
        (f"Rules that hold in {sheet.month}", _named(sheet.rules)),
        ("Judgements", _judgements(sheet)),
    ):
        inner = list(part)
        if inner:
            lines += [heading, *(STEP + line for line in inner)]
    return "\n".join(lines)


def _named(lines: tuple[Line, ...]) -> Iterator[str]:
    return (f"{line.label}: {line.text}" for line in lines)


def _figures(sheet: Sheet) -> Iterator[str]:
    for row in sheet.figures:
        part = f"{row.part}: " if row.part else ""
        yield part + ", ".join(f"{name} {amount}" for name, amount in row.cells)
        yield from (STEP + note for note in row.notes)
    if sheet.report:
        yield f"{sheet.report.given}."
        yield f"{sheet.report.accepted}, revision {sheet.report.revision}."
        if sheet.report.reason:
            yield f"Corrected because: {sheet.report.reason}"


def _value(sheet: Sheet) -> Iterator[str]:
    if sheet.formula:
        yield str(sheet.formula)
    yield from _named(sheet.value)


def _bands(sheet: Sheet) -> Iterator[str]:
    widths = [max(len(getattr(band, key)) for band in sheet.terms.bands) for key in ("name", "words", "outcome")]
    for band in sheet.terms.bands:
        cells = (band.name, band.words, band.outcome)
        told = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        mark = "→" if band.reached else " "
        yield f"{mark} {told}  points {band.points}, score {band.score}"


def _points(sheet: Sheet) -> Iterator[str]:
    return (line.text for line in sheet.steps if line.label == POINTS)


def _money(sheet: Sheet) -> Iterator[str]:
    if sheet.money:
        yield from _named(sheet.money.lines)
    else:
        yield sheet.without_money


def _judgements(sheet: Sheet) -> Iterator[str]:
    for past in sheet.earlier:
        yield f"{past.nth}: {past.text}; replaced on {past.replaced}: {past.because}."
    if sheet.earlier:
        yield f"{sheet.holding.nth}: as above, judged on {sheet.judged}."
