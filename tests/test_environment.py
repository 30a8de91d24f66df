"""The three lists of dependencies agree: pyproject.toml, requirements.lock, environment.yml; and so does the wheel."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def locked() -> list[tuple[Requirement, list[str]]]:
    """Give the entries of the lock: the pinned requirement and its digests."""
    logical_lines = LOCK.replace("\\\n", " ").splitlines()
    entries = [line.split("--hash=") for line in logical_lines if not line.startswith("#")]
    return [(Requirement(pin.strip()), [digest.strip() for digest in digests]) for pin, *digests in entries]


def test_conda_and_pip_users_get_the_same_dependencies():
    requirements = [Requirement(text) for text in PROJECT["dependencies"]]
    wanted = {
        f"{CONDA_NAMES.get(requirement.name, requirement.name)}{requirement.specifier}" for requirement in requirements
    }
    wanted |= {f"python{PROJECT['requires-python']}", "pip"}
    conda = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
    assert sorted(conda) == sorted(wanted)
    assert {"pip": ["-e ."]} in ENVIRONMENT["dependencies"]


def test_the_lock_holds_every_dependency_at_a_version_that_pyproject_allows():
    direct = [
        *PROJECT["dependencies"],
        *(text for extra in PROJECT["optional-dependencies"].values() for text in extra),
    ]
    for requirement in map(Requirement, direct):
        name = canonicalize_name(requirement.name)
        versions = [str(next(iter(pin.specifier)).version) for pin, _ in locked() if pin.name == name]
        assert versions, f"{requirement} is not in requirements.lock: run scripts/lock.py"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: {versions} locked"


def test_every_locked_package_is_exact_and_has_its_digests():
    assert len(locked()) > len(PROJECT["dependencies"])
    for pin, digests in locked():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
        assert digests, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in digests), pin


def test_the_lock_names_no_addresses():
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|--index|--extra-index|--find-links|-f)\b", LOCK, re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel and unpack it; give the folder, which is what an installed package looks like."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def files_below(folder: Path) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix() for path in files}


def test_the_wheel_holds_every_file_of_the_package(wheel):
    """Tables, templates and scripts are of no use in the repository alone."""
    packed = {name for name in files_below(wheel / "auditkit") if not name.startswith("samples/data/")}
    assert packed == files_below(ROOT / "src" / "auditkit")


def test_the_wheel_holds_the_samples_and_loads_them(wheel, tmp_path):
    script = (
        "from auditkit import samples\n"
        "for name in samples.names():\n"
        "    print(name, len(samples.load(name)), len(samples.key(name)), samples.path(name))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line.split(maxsplit=3) for line in result.stdout.splitlines()]
    assert [line[0] for line in lines] == ["retailer"]
    assert all(int(records) > 0 and int(keys) > 0 for _, records, keys, _ in lines)
    assert all(Path(path).is_relative_to(wheel) for *_, path in lines)
    assert not any(name.endswith((".py", ".pyc")) for name in files_below(wheel / "auditkit" / "samples" / "data"))
