"""Check an export of Plumbline's trail without Plumbline: python3 verify_trail.py trail.jsonl [HASH]

The file holds JSON objects, one a line: `{"line": ...}` an entry as it is hashed, `{"withheld": ...}` the hash of an entry that
the reader may not see, `{"seal": ...}` what closes a stretch of entries, `{"checkpoint": ...}` what stands for older entries that
are kept no longer. HASH, kept from an earlier export, must be that of a seal or of the checkpoint: then nothing was cut off.
Needs Python 3.9 or newer and nothing else.

Exit code 0 where all is as it was sealed, 1 where not, 2 where the file cannot be read.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from typing import Any


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def check(lines: Iterable[str], kept: str = "") -> list[str]:
    """What is wrong, in words; empty is what it must be."""
    wrong: list[str] = []
    entries: list[dict[str, str]] = []
    previous, hashes = None, set()
    for text in lines:
        one = json.loads(text)
        if "checkpoint" in one:
            if previous is not None or entries:
                wrong.append("a checkpoint stands in the middle: what is before it does not belong here")
            previous = one["checkpoint"]["hash"]
            hashes.add(previous)
            continue
        if "seal" not in one:
            entries.append(one)
            continue
        seal = one["seal"]
        name = f"entries {seal['first']} to {seal['last']}"
        if previous is not None and seal["previous"] != previous:
            wrong.append(f"{name}: this stretch does not follow the one before it")
        if len(entries) != seal["entries"]:
            wrong.append(f"{name}: {len(entries)} entries, but {seal['entries']} were sealed")
        elif seal["scheme"] == 1 and any("line" not in entry for entry in entries):
            wrong.append(f"{name}: cannot be checked, some of its entries are withheld")
        elif digest(seal, entries) != seal["hash"]:
            wrong.append(f"{name}: an entry was changed")
        previous, entries = seal["hash"], []
        hashes.add(seal["hash"])
    if entries:
        wrong.append(f"{len(entries)} entries at the end are not sealed")
    if kept and kept not in hashes:
        wrong.append("the hash that was kept is not among the seals")
    return wrong


def digest(seal: dict[str, Any], entries: list[dict[str, str]]) -> str:
    if seal["scheme"] == 1:
        parts = [entry["line"] for entry in entries]
    else:
        parts = [entry["withheld"] if "withheld" in entry else sha256(entry["line"]) for entry in entries]
    return sha256("\n".join([seal["previous"], *parts]))


def main(words: list[str]) -> int:
    if not 1 <= len(words) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(words[0], encoding="utf-8") as file:
            wrong = check(file, *words[1:])
    except (OSError, ValueError, KeyError, TypeError) as bad:
        print(f"{words[0]} cannot be read: {bad}", file=sys.stderr)
        return 2
    print("\n".join(wrong) or "Everything is as it was sealed.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
