"""The house: one row an app, from the top of the import line to its bottom, and a dot under each app that it imports."""

import ast
import re
import tomllib
from pathlib import Path

from tools.pictures.drawing import Sheet

ROW, COLUMN, TOP, TABLE = 26, 26, 180, 490


def line(checkout: Path) -> list[list[str]]:
    """The steps of the import line, the top first, as import-linter holds them."""
    settings = tomllib.loads((checkout / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if "containers" not in contract)
    return [step.split(" | ") for step in layers]


def words(checkout: Path) -> dict[str, str]:
    """App → what README says of it."""
    rows = re.findall(r"^\| (`\w+`(?: · `\w+`)*) \| (.+) \|$", (checkout / "README.md").read_text(), re.M)
    said: dict[str, str] = {}
    for names, text in rows:
        apps, texts = re.findall(r"`(\w+)`", names), text.removeprefix("the front rooms: ").split(" · ")
        said.update(zip(apps, texts, strict=True))
    return said


def imports(checkout: Path, app: str) -> set[str]:
    """The packages that an app's files import, its migrations left out."""
    files = [path for path in (checkout / app).rglob("*.py") if "migrations" not in path.parts]
    return set().union(*map(_imported, files))


def _imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def draw(checkout: Path) -> str:
    """The picture as SVG."""
    steps, said = line(checkout), words(checkout)
    apps = [app for step in steps for app in step]
    sheet = Sheet("The house", "An app imports only apps below it, and none beside it; a dot says that it does.")
    row = 0
    for number, step in enumerate(steps):
        if number % 2:
            sheet.box(16, TOP + row * ROW - 18, TABLE + COLUMN * len(apps), ROW * len(step), "band")
        for app in step:
            y = TOP + row * ROW
            sheet.text(24, y, app, "name")
            sheet.text(150, y, _short(said.get(app, "")), "quiet small")
            used = imports(checkout, app)
            for column, other in enumerate(apps):
                if other in used - {app}:
                    sheet.dot(TABLE + column * COLUMN, y - 5, f"{app} imports {other}")
            row += 1
    for column, app in enumerate(apps):
        sheet.text(TABLE + column * COLUMN - 2, TOP - 28, app, "small", turned=-55)
    return sheet.svg(TABLE + COLUMN * len(apps) + 40, TOP + row * ROW + 8)


def _short(text: str) -> str:
    plain = re.sub(r"[`*]", "", text)
    return plain if len(plain) <= 54 else plain[:53].rsplit(" ", 1)[0].rstrip(",:;") + " …"
