"""Running a scanner: a program of its own, with bounds on time, memory and output."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec

from auditkit.errors import AuditkitError

__all__ = ["CodeLimits", "ScannerError", "run"]

_LIMITED = Path(__file__).with_name("_limited.py")
_KEPT = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


class CodeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on the scans of code.

    Attributes
    ----------
    seconds
        Of one scanner over one batch of packages.
    memory
        Bytes of a scanner's address space; not bounded on Windows, which has no such limit for a program.
    output
        Bytes that a scanner may write.
    file_bytes, package_bytes, files
        Largest file, all files of a package, and their number: what is beyond is not scanned, and said.
    batch
        Packages that one run of a scanner looks at.
    """

    seconds: int = 120
    memory: int = 2 << 30
    output: int = 64 << 20
    file_bytes: int = 2 << 20
    package_bytes: int = 64 << 20
    files: int = 5_000
    batch: int = 64


class ScannerError(AuditkitError):
    """A scanner did not come to an end, or did not do what it should."""


def run(arguments: list[str], folder: Path, limits: CodeLimits) -> bytes:
    """Run a module, or a file, in a folder and return what it writes to its standard output.

    Parameters
    ----------
    arguments
        Module or file, and its arguments.
    folder
        Where it runs. Nothing in it is found as a module (``-I``).
    limits
        Bounds.

    Raises
    ------
    ScannerError
        It took too long, wrote too much, or crashed.
    """
    bounds = [str(limits.seconds), str(limits.memory), str(limits.output)]
    command = [sys.executable, "-I", "-X", "utf8", str(_LIMITED), *bounds, *arguments]
    out, errors = folder / "out", folder / "errors"
    with out.open("wb") as stdout, errors.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter, and arguments of our own
            command,
            cwd=folder,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            raise ScannerError(f"it did not end within {limits.seconds} s") from None
        finally:
            _end(process)
    if code != 0:
        raise ScannerError(_reason(code, errors))
    if out.stat().st_size > limits.output:
        raise ScannerError(f"it wrote more than {limits.output >> 20} MiB")  # where no limit of the system held
    return out.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started."""
    if process.poll() is None or os.name == "posix":
        try:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        except (ProcessLookupError, PermissionError):
            pass
    process.wait()


def _reason(code: int, errors: Path) -> str:
    """Return why a program failed, by the kind of its last error alone: what it says may hold the code."""
    if code < 0:
        return f"it was ended by signal {-code}"
    lines = errors.read_bytes()[-65536:].decode("utf-8", "replace").strip().splitlines()
    kind = lines[-1].partition(":")[0] if lines else ""
    return f"it failed ({kind})" if kind.isidentifier() else f"it failed with code {code}"
