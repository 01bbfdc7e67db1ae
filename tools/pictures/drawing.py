"""A sheet to draw on, which becomes an SVG file: light and dark, readable without colour, the same bytes for the same code."""

from html import escape

# The product's own colours (static/css/tokens.css), for a file that stands alone.
LIGHT = {
    "canvas": "#f6f6f3",
    "card": "#ffffff",
    "line": "#d2d2ca",
    "ink": "#1b1d20",
    "quiet": "#62676f",
    "accent": "#2f4fb0",
}
DARK = {
    "canvas": "#0f1113",
    "card": "#17191c",
    "line": "#383d44",
    "ink": "#e9ebee",
    "quiet": "#8f979f",
    "accent": "#9db2ff",
}


def _style() -> str:
    def variables(colours: dict[str, str]) -> str:
        return ";".join(f"--{name}:{colour}" for name, colour in colours.items())

    return (
        f"svg{{{variables(LIGHT)}}}@media(prefers-color-scheme:dark){{svg{{{variables(DARK)}}}}}"
        "text{font:13px system-ui,sans-serif;fill:var(--ink)}"
        ".quiet{fill:var(--quiet)}.small{font-size:11px}.title{font-weight:600;font-size:18px}.name{font-weight:600}"
        ".canvas{fill:var(--canvas)}.card{fill:var(--card);stroke:var(--line)}.band{fill:var(--card)}"
        ".rule{stroke:var(--line);fill:none}.key{stroke:var(--accent);fill:none;opacity:.6;stroke-linejoin:round}.dot{fill:var(--accent)}"
    )


class Sheet:
    """Shapes in the order in which they are drawn; what comes later covers what came before."""

    def __init__(self, title: str, description: str) -> None:
        self.title, self.description = title, description
        self.shapes: list[str] = []

    def text(self, x: float, y: float, words: str, look: str = "", turned: int = 0) -> None:
        turn = f' transform="rotate({turned} {x:g} {y:g})"' if turned else ""
        self.shapes.append(f'<text x="{x:g}" y="{y:g}" class="{look}"{turn}>{escape(words)}</text>')

    def box(self, x: float, y: float, width: float, height: float, look: str = "card") -> None:
        size = f'width="{width:g}" height="{height:g}"'
        self.shapes.append(f'<rect x="{x:g}" y="{y:g}" {size} rx="4" class="{look}"/>')

    def line(self, x: float, y: float, to_x: float, to_y: float) -> None:
        self.shapes.append(f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" class="rule"/>')

    def route(self, x: float, y: float, to_x: float, to_y: float, lane: float) -> None:
        """From the left of something along the gutter beside it, and along the gap above something else into its top."""
        gutter, gap = x - 5 - lane, to_y - 5 - lane
        self.shapes.append(f'<path d="M{x:g} {y:g}H{gutter:g}V{gap:g}H{to_x:g}V{to_y:g}" class="key"/>')

    def dot(self, x: float, y: float, words: str) -> None:
        self.shapes.append(f'<circle cx="{x:g}" cy="{y:g}" r="5" class="dot"><title>{escape(words)}</title></circle>')

    def svg(self, width: int, height: int) -> str:
        head = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
            f"<title>{escape(self.title)}</title>",
            f"<desc>{escape(self.description)}</desc>",
            f"<style>{_style()}</style>",
            f'<rect width="{width}" height="{height}" class="canvas"/>',
            f'<text x="24" y="36" class="title">{escape(self.title)}</text>',
            f'<text x="24" y="58" class="quiet">{escape(self.description)}</text>',
        ]
        return "\n".join([*head, *self.shapes, "</svg>", ""])
