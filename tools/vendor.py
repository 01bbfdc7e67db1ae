"""Copy pinned files out of npm packages into static/vendor and record their hashes.

python tools/vendor.py           fetch and write (needs npm and its configured registry)
python tools/vendor.py --check   compare what is on disk with the lock; no network, for CI

A package is accepted only if its tarball has the sha512 that the registry's metadata gives, and, when the lock already
knows that version, the sha512 that was locked. The lock keeps a sha384 for every copied file, in the form that
Subresource Integrity uses.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
LIST = TOOLS / "vendor.toml"
LOCK = TOOLS / "vendor.lock.json"
OUT = TOOLS.parent / "static" / "vendor"


class VendorError(Exception):
    """A package or a file is not what the list or the lock says."""


def integrity(data: bytes, algorithm: str = "sha384") -> str:
    """The Subresource Integrity string of `data`, for example `sha384-…`."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def pack(package: str, version: str, folder: Path) -> tuple[Path, str]:
    """Download one package into `folder`; return the tarball's path and its sha512 as the registry states it."""
    command = ["npm", "pack", "--silent", "--json", f"{package}@{version}"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    meta = json.loads(done.stdout)[0]
    # npm 8 reports "@scope/name-1.0.0.tgz" but writes "scope-name-1.0.0.tgz".
    tarball = folder / meta["filename"].replace("@", "").replace("/", "-")
    if integrity(tarball.read_bytes(), "sha512") != meta["integrity"]:
        raise VendorError(f"{package} {version}: the tarball does not match the registry's integrity")
    return tarball, meta["integrity"]


def read_member(tarball: Path, inner: str) -> bytes:
    """The bytes of `inner` in an npm tarball, whose files all stand under package/."""
    with tarfile.open(tarball) as archive:
        try:
            member = archive.extractfile(f"package/{inner}")
        except KeyError:
            member = None
        if member is None:
            raise VendorError(f"{tarball.name}: no file {inner}")
        return member.read()


def locked_tarballs() -> dict[tuple[str, str], str]:
    """(package, version) → sha512 of the tarballs the lock already knows."""
    if not LOCK.exists():
        return {}
    return {(entry["package"], entry["version"]): entry["tarball"] for entry in json.loads(LOCK.read_text()).values()}


def fetch() -> int:
    """Write every listed file and the lock; return the number of files."""
    listed = tomllib.loads(LIST.read_text())["files"]
    known = locked_tarballs()
    packs: dict[tuple[str, str], tuple[Path, str]] = {}
    files: dict[str, bytes] = {}
    lock: dict[str, dict[str, str | int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (package, version, inner) in listed.items():
            key = package, version
            if key not in packs:
                packs[key] = pack(package, version, Path(folder))
                if known.get(key, packs[key][1]) != packs[key][1]:
                    raise VendorError(f"{package} {version}: the tarball is not the one that was locked")
            tarball, sha512 = packs[key]
            files[name] = data = read_member(tarball, inner)
            lock[name] = {
                "package": package,
                "version": version,
                "tarball": sha512,
                "file": integrity(data),
                "bytes": len(data),
            }
    OUT.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in OUT.iterdir()} - files.keys():
        (OUT / stale).unlink()
    for name, data in files.items():
        (OUT / name).write_bytes(data)
    LOCK.write_text(json.dumps(lock, indent=1) + "\n")
    return len(files)


def differences() -> list[str]:
    """What is wrong with static/vendor compared with the list and the lock; empty when all is well."""
    listed = tomllib.loads(LIST.read_text())["files"]
    lock = json.loads(LOCK.read_text())
    on_disk = {path.name for path in OUT.iterdir()}
    found = [f"{name}: listed but not locked" for name in listed.keys() - lock.keys()]
    found += [f"{name}: locked but not listed" for name in lock.keys() - listed.keys()]
    found += [f"{name}: missing" for name in lock.keys() - on_disk]
    found += [f"{name}: not in the lock" for name in on_disk - lock.keys()]
    for name in sorted(lock.keys() & on_disk):
        if integrity((OUT / name).read_bytes()) != lock[name]["file"]:
            found.append(f"{name}: changed")
    for name in lock.keys() & listed.keys():
        if [lock[name]["package"], lock[name]["version"]] != listed[name][:2]:
            found.append(f"{name}: listed version differs from the locked one")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Command line; the exit code is 1 when something does not match."""
    parser = argparse.ArgumentParser(description="Vendored front-end files")
    parser.add_argument("--check", action="store_true", help="compare with the lock, without network")
    if parser.parse_args(arguments).check:
        found = differences()
        print("\n".join(found) if found else f"vendor: {len(json.loads(LOCK.read_text()))} files match the lock")
        return 1 if found else 0
    try:
        print(f"vendor: {fetch()} files written")
    except VendorError as error:
        print(f"vendor: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
