#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0 (CPython 3.11): `--dist loadgroup` and `@pytest.mark.xdist_group` group nothing,
# and nothing says so: tests that are to share one worker, and what it has started for them, are dealt out one by one.
#
# xdist writes a group into `item._nodeid`, which pytest reads no longer. With pytest 9.1.1 one worker runs all eight
# tests. Known as pytest-dev/pytest-xdist#1386; what still groups is a scheduler of one's own, by
# `pytest_xdist_make_scheduler`, or `--dist loadfile`.
#
# Seen:  pytest 9.1.1: 1 worker
#        pytest 9.2.0: 2 workers
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/test_group.py" <<'PYTHON'
import os
from pathlib import Path

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_group(number):
    with Path(os.environ["SEEN"]).open("a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
PYTHON
"${PYTHON:-python3}" -m venv "$folder/venv"
for version in 9.1.1 9.2.0; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pytest==$version" pytest-xdist==3.8.0
    SEEN="$folder/workers $version" "$folder/venv/bin/python" -m pytest -q -n 2 --dist loadgroup "$folder" > "$folder/log" 2>&1
    number=$(sort -u "$folder/workers $version" | wc -l)
    echo "pytest $version: $number worker$([ "$number" -eq 1 ] || echo s)"
done | tee "$folder/seen"
diff - "$folder/seen" <<'SEEN'
pytest 9.1.1: 1 worker
pytest 9.2.0: 2 workers
SEEN
