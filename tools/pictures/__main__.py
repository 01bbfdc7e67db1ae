"""`python -m tools.pictures` writes docs/house.svg and docs/data.svg; `--check` says whether they are current, exit code 1 if not."""

import os
import sys
from pathlib import Path

import django

CHECKOUT = Path(__file__).resolve().parents[2]


def pictures() -> dict[Path, str]:
    """File → what it should hold. Needs Django's models, and no database."""
    from tools.pictures import data, house  # noqa: PLC0415  models can be imported only after the set-up

    docs = CHECKOUT / "docs"
    return {docs / "house.svg": house.draw(CHECKOUT), docs / "data.svg": data.draw(house.line(CHECKOUT))}


def main(words: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    old = [path for path, text in pictures().items() if not path.exists() or path.read_text() != text]
    if "--check" not in words:
        for path in old:
            path.write_text(pictures()[path])
        print(f"Written: {', '.join(path.name for path in old)}." if old else "Both are current.")
        return 0
    for path in old:
        print(f"docs/{path.name} is not what the code says: python -m tools.pictures", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
