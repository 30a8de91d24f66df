"""The walls between the packages (pyproject.toml, tool.importlinter) and the public face of each.

That ``__all__`` is sorted is held by ruff (RUF022).
"""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import auditkit

ROOT = Path(__file__).resolve().parents[1]


def public_packages() -> list[str]:
    """Give the names of all packages below auditkit that do not call themselves private."""
    found = pkgutil.walk_packages(auditkit.__path__, prefix="auditkit.")
    packages = [module.name for module in found if module.ispkg]
    return ["auditkit", *(name for name in packages if not any(part.startswith("_") for part in name.split(".")))]


def test_the_walls_stand(capsys):
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("name", public_packages())
def test_a_package_exports_documented_names(name):
    package = importlib.import_module(name)
    assert package.__doc__, f"{name} has no docstring"
    exported = package.__all__
    assert not [entry for entry in exported if entry.startswith("_") and not entry.startswith("__")]
    values = {entry: getattr(package, entry) for entry in exported}
    undocumented = [
        entry
        for entry, value in values.items()
        if (inspect.isclass(value) or inspect.isroutine(value)) and not inspect.getdoc(value)
    ]
    assert undocumented == []
