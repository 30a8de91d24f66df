"""Refresh ``requirements.lock`` from ``pyproject.toml``: ``python3 scripts/lock.py`` (needs uv and the network).

The first run of uv decides the versions for the oldest Python that is supported, the second one, which prefers what it
finds in the file, adds what other platforms need and the digests. So every platform and every Python gets the same
versions, unless there is none that suits all (``tool.uv.constraint-dependencies`` in ``pyproject.toml``).
The file names no download addresses: pip and uv take the packages from whatever index the reader has configured.
"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"
PLATFORM = "x86_64-manylinux_2_28"
HEADER = "# Exact versions and digests of everything that dev.py installs. Made by scripts/lock.py, not by hand.\n"


def main() -> None:
    """Write the lock anew with the newest versions that fit."""
    compile_ = ["uv", "pip", "compile", "pyproject.toml", "--all-extras", "--python-version", "3.11", "--quiet"]
    compile_ += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "-o", LOCK]
    subprocess.run([*compile_, "--upgrade", "--python-platform", PLATFORM], cwd=ROOT, check=True)
    subprocess.run([*compile_, "--universal", "--generate-hashes"], cwd=ROOT, check=True)
    lock = ROOT / LOCK
    lock.write_text(HEADER + lock.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
