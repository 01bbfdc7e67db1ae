"""Bars: where the points went, how an amount was reached, and a share of a track."""

from collections.abc import Sequence
from decimal import Decimal

from lib.charts.scale import Context, fixed
from lib.templatetags.numbers import Number, exact


def earned(weight: Number, score: Number | None) -> Decimal | None:
    """Points earned, exactly: a weight times a score of 0–100; None without a score."""
    whole, part = exact(weight), exact(score)
    return None if whole is None or part is None else whole * part / 100


def build_up(parts: Sequence[tuple[str, Number, Number | None]], gap: float = 0.5) -> list[Context]:
    """Where the points went. `parts` are (name, weight, score 0–100 or None); widths in percent of the bar.

    A segment is as wide as its weight; the filled part is what was earned, the rest was lost. Without a score nothing
    was earned and nothing lost: `measured` is False. `grow` (1–100) is the class number for the label below.
    """
    total = sum(float(weight) for _, weight, _ in parts)
    if total <= 0:
        return []
    free = 100 - gap * (len(parts) - 1)
    out: list[Context] = []
    left = 0.0
    for name, weight, score in parts:
        width = free * float(weight) / total
        reached = min(max(float(score), 0.0), 100.0) / 100 if score is not None else 0.0
        out.append(
            {
                "name": name,
                "weight": weight,
                "score": score,
                "measured": score is not None,
                "x": fixed(left),
                "w": fixed(width),
                "filled": fixed(width * reached),
                "earned": earned(weight, score),
                "grow": min(100, max(1, round(100 * float(weight) / total))),
            }
        )
        left += width + gap
    return out


def waterfall(rows: Sequence[tuple[str, Number, str, str]]) -> list[Context]:
    """A horizontal waterfall, one bar a row; `rows` are (label, amount ≥ 0, kind, note).

    `kind` is start, minus, plus or total.
    Keys in percent of the largest total reached: x, w, and edge, where the dotted join to the next row hangs.
    """
    bars: list[tuple[float, float, float]] = []
    running = 0.0
    for _, amount, kind, _ in rows:
        size = float(amount)
        before = running
        running = size if kind in ("start", "total") else before - size if kind == "minus" else before + size
        low, high = (0.0, running) if kind in ("start", "total") else sorted((before, running))
        bars.append((low, high, running))
    bottom = min([0.0, *(low for low, _, _ in bars)])
    top = max([high for _, high, _ in bars], default=0.0)
    scale = 100 / ((top - bottom) or 1.0)
    return [
        {
            "label": label,
            "amount": amount,
            "kind": kind,
            "note": note,
            "css": {"minus": "bar-bad", "plus": "bar-met"}.get(kind, "bar-ink"),
            "x": fixed((low - bottom) * scale),
            "w": fixed((high - low) * scale),
            "edge": fixed((end - bottom) * scale),
        }
        for (label, amount, kind, note), (low, high, end) in zip(rows, bars, strict=True)
    ]


def bars(share: Number) -> str:
    """A share of 0–100 as an SVG width in percent, kept inside the track."""
    return fixed(min(100.0, max(0.0, float(share))))
