"""Where the samples lie: inside the installed package, or in ``data/samples`` of a working copy."""

from pathlib import Path

import pandas as pd

from auditkit.advisories import Advisories, read_advisories
from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.inventory import Inventory

__all__ = ["advisories", "key", "load", "names", "path"]

_KEY = "-key.csv"


def _root() -> Path:
    installed = Path(__file__).parent / "data"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[3] / "data" / "samples"


def names() -> tuple[str, ...]:
    """Return the names of the samples, sorted."""
    return tuple(sorted(file.name.removesuffix(_KEY) for file in _root().glob(f"*{_KEY}")))


def path(name: str) -> Path:
    """Return the folder of a sample's export.

    Raises
    ------
    ExportError
        Where there is no sample of this name.
    """
    if name not in names():
        raise ExportError(f"there is no sample named {name!r}; there are: {', '.join(names()) or 'none'}")
    return _root() / name


def load(name: str) -> Inventory:
    """Read a sample.

    Parameters
    ----------
    name
        One of :func:`names`.

    Raises
    ------
    ExportError
        Where there is no sample of this name.
    """
    return read(path(name))


def advisories(name: str) -> Advisories:
    """Read the small database of advisories that goes with a sample.

    It is in OSV's format and holds a dozen advisories, made to try things with. It is none to audit with: what it does
    not tell of is not without vulnerabilities.

    Raises
    ------
    ExportError
        Where there is no sample of this name.
    """
    return read_advisories(path(name).with_name(f"{name}-osv"))


def key(name: str) -> pd.DataFrame:
    """Return the answer key of a sample: what is wrong with it, and what is right and close to wrong.

    Returns
    -------
    pandas.DataFrame
        Columns, all of strings: ``area``, ``check`` (by the catalogue of checks), ``resource`` (an ARN), ``expected``
        (``"fail"`` or ``"right"``) and ``note``.

    Raises
    ------
    ExportError
        Where there is no sample of this name.
    """
    return pd.read_csv(path(name).with_name(f"{name}{_KEY}"), dtype=str, keep_default_na=False)
