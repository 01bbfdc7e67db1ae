#!/bin/sh
# Make both locks again from pyproject.toml (maintainers). `./lock.sh --upgrade` takes the newest versions allowed.
# One lock serves all systems and Python versions, holds checksums, and names no package index.
set -eu
cd -- "$(dirname -- "$0")"
compile() {
    output=$1
    shift
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --output-file "$output" "$@" pyproject.toml
}
.venv/bin/python -m uv --version >/dev/null || .venv/bin/python -m pip install --quiet uv
compile requirements.lock --extra embedded "$@"
compile requirements-test.lock --extra embedded --extra test "$@"
if grep -n '://' requirements.lock requirements-test.lock; then
    echo "A lock names an address." >&2
    exit 1
fi
