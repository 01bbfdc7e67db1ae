"""An explanation as plain text, indented: for the command line, and for whoever has no browser."""

from collections.abc import Iterator

from explanations.parts import POINTS, Explanation, ExplanationLine

STEP = "  "


def format_explanation(explanation: Explanation) -> str:
    """The explanation in lines; what belongs to a heading is indented below it."""
    lines = [explanation.verdict]
    for heading, part in (
        ("Figures", _figures(explanation)),
        ("Value", _value(explanation)),
        (f"Terms, version {explanation.terms.number}, {explanation.terms.dates}", _bands(explanation)),
        ("Judgement", _named(explanation.judgement)),
        ("Points", _points(explanation)),
        (f"Money of {explanation.month}", _money(explanation)),
        (f"Rules triggered in {explanation.month}", _named(explanation.rules)),
        ("Judgements", _judgements(explanation)),
    ):
        inner = list(part)
        if inner:
            lines += [heading, *(STEP + line for line in inner)]
    return "\n".join(lines)


def _named(lines: tuple[ExplanationLine, ...]) -> Iterator[str]:
    return (f"{line.label}: {line.text}" for line in lines)


def _figures(explanation: Explanation) -> Iterator[str]:
    for row in explanation.figures:
        part = f"{row.part}: " if row.part else ""
        yield part + ", ".join(f"{name} {amount}" for name, amount in row.cells)
        yield from (STEP + note for note in row.notes)
    if explanation.report:
        yield f"{explanation.report.given}."
        yield f"{explanation.report.accepted}, revision {explanation.report.revision}."
        if explanation.report.reason:
            yield f"Corrected because: {explanation.report.reason}"


def _value(explanation: Explanation) -> Iterator[str]:
    if explanation.formula:
        yield str(explanation.formula)
    yield from _named(explanation.value)


def _bands(explanation: Explanation) -> Iterator[str]:
    widths = [max(len(getattr(band, key)) for band in explanation.terms.bands) for key in ("name", "words", "outcome")]
    for band in explanation.terms.bands:
        cells = (band.name, band.words, band.outcome)
        told = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        mark = "→" if band.reached else " "
        yield f"{mark} {told}  points {band.points}, score {band.score}"


def _points(explanation: Explanation) -> Iterator[str]:
    return (line.text for line in explanation.steps if line.label == POINTS)


def _money(explanation: Explanation) -> Iterator[str]:
    if explanation.money:
        yield from _named(explanation.money.lines)
    else:
        yield explanation.without_money


def _judgements(explanation: Explanation) -> Iterator[str]:
    for past in explanation.earlier:
        yield f"{past.nth}: {past.text}; replaced on {past.replaced}: {past.because}."
    if explanation.earlier:
        yield f"{explanation.holding.nth}: as above, judged on {explanation.judged}."
