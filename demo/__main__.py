"""``python -m demo FOLDER [DATE]`` writes the demo's contract files and figures files, for ``manage.py try``."""

import shutil
import sys
from datetime import date
from pathlib import Path

from demo.figures import contract_files, reported, write_csv

USAGE = "Usage: python -m demo FOLDER [DATE]. Writes a contract file and a figures file for each demo contract."


def write(folder: Path, today: date) -> list[tuple[Path, Path]]:
    """Write both files of every contract into a folder, which is made where it is missing. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for reference, source in contract_files().items():
        contract, rows = folder / source.name, folder / f"{source.stem}.figures.csv"
        shutil.copyfile(source, contract)
        with rows.open("w", newline="", encoding="utf-8") as out:
            write_csv(reported(reference, today), out)
        written.append((contract, rows))
    return written


def main(arguments: list[str]) -> int:
    """Exit status: 0, or 2 where the arguments make no sense."""
    try:
        folder, today = (Path(arguments[0]), date.fromisoformat(arguments[1]) if len(arguments) > 1 else date.today())
    except (IndexError, ValueError):
        print(USAGE, file=sys.stderr)
        return 2
    for contract, rows in write(folder, today):
        print(f"manage.py try {contract} {rows}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
