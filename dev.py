#!/usr/bin/env python3
"""Set auditkit up and run it. Needs Python 3.11 or newer and nothing else.

    python3 dev.py demo    audit the sample account and say where the report, the pictures and the notebooks are
    python3 dev.py test    run every check and test; what follows is passed on to pytest (python3 dev.py test -k policy)
    python3 dev.py lint    the checks alone: ruff and mypy
    python3 dev.py lab     open JupyterLab on the notebooks; what follows is passed on to JupyterLab

The first run makes the folder .venv from requirements.lock, with uv where it is installed and with pip otherwise. A
later run uses it as it is, or makes it anew when the lock, pyproject.toml, the Python or the folder has changed since.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "auditkit-stamp.txt"  # written last: where it is missing or differs, the set-up is done anew
SAMPLE, SAMPLE_DATE = ROOT / "data" / "samples" / "retailer", "2026-11-01"

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python gets as far as this line, and says so
    sys.exit(f"auditkit needs Python 3.11 or newer; {sys.executable} is Python {sys.version.split()[0]}.")


def run(*command: object) -> int:
    """Run a program in the repository's folder; give its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode


def set_up() -> None:
    """Make .venv from the lock, unless its stamp says that this has been done."""
    inputs = [(ROOT / name).read_text("utf-8") for name in ("requirements.lock", "pyproject.toml")]
    stamp = hashlib.sha256("\0".join([*inputs, sys.version, str(ROOT)]).encode()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text("utf-8") == stamp:
        return
    if Path(sys.prefix) == VENV:
        sys.exit("The folder .venv has to be made anew: run dev.py with the Python that made it, not with its own.")
    print("Setting up .venv, this once (with pip it may take some minutes) ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        create = [uv, "venv", "--quiet", "--python", sys.executable, VENV]
        install = [uv, "pip", "install", "--quiet", "--python", PYTHON]
    else:
        create = [sys.executable, "-m", "venv", VENV]
        install = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    packages = [*install, "--require-hashes", "-r", "requirements.lock"]
    auditkit = [*install, "--no-deps", "--no-build-isolation", "-e", "."]
    for step in (create, packages, auditkit):
        if run(*step):
            print("The set-up stopped at:", *step)
            sys.exit("(The lock is for Python 3.11 to 3.14.) The next run of dev.py starts the set-up again.")
    STAMP.write_text(stamp, "utf-8")


def demo() -> int:
    """Audit the sample account and say where everything is."""
    out = ROOT / "build" / "demo"
    code = run(BIN / "auditkit", "report", SAMPLE, "--out", out, "--date", SAMPLE_DATE)
    if code == 0:
        print(f"\nReport     open in a browser: {(out / 'report.html').as_uri()}")
        print(f"Pictures   PNG and SVG, in {out / 'pictures'}")
        print("Notebooks  open with: python3 dev.py lab")
    return code


def lint() -> int:
    """Style, format and types: all three, whatever the first one says."""
    return max([run(BIN / "ruff", "check"), run(BIN / "ruff", "format", "--check"), run(BIN / "mypy")])


def test(*arguments: str) -> int:
    """Every check and every test."""
    checks = lint()
    tests = run(PYTHON, "-m", "pytest", "-n", "auto", *arguments)
    if checks:
        print("ruff or mypy complained, see above; python3 dev.py lint runs them alone.")
    return tests or checks


def lab(*arguments: str) -> int:
    """JupyterLab on the notebooks; it neither asks about news nor looks for updates."""
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(exist_ok=True)
    quiet = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}\n'
    (settings / "overrides.json").write_text(quiet, "utf-8")
    return run(PYTHON, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT / 'notebooks'}", *arguments)


if __name__ == "__main__":
    task = {"demo": demo, "test": test, "lint": lint, "lab": lab}.get(sys.argv[1] if len(sys.argv) > 1 else "help")
    if task is None:
        sys.exit(__doc__)
    set_up()
    sys.exit(task(*sys.argv[2:]))
