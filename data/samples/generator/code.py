"""Code packages: small, harmless to whoever reads them, and the same bytes on every machine.

The code of some functions stands in ``functions/``, weaknesses planted in it; the others get a template of their
language. Installed packages are there by their metadata alone.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

FUNCTIONS = Path(__file__).with_name("functions")

_PYTHON = '''"""{name}: built by the storefront pipeline."""

import json
import os


def handler(event, context):
    """Answer one event."""
    settings = {{key: os.environ[key] for key in sorted(os.environ) if key.isupper()}}
    return {{"statusCode": 200, "body": json.dumps({{"function": "{name}", "settings": len(settings)}})}}
'''

_NODE = """// {name}: built by the storefront pipeline
export const handler = async (event) => ({{
  statusCode: 200,
  body: JSON.stringify({{ function: "{name}", records: (event.Records ?? []).length }}),
}});
"""

_OTHER = "{name}: compiled, see the build pipeline\n"

_USUAL = {"pino": "9.9.0"}
"""What a function in JavaScript brings along that names nothing of its own."""

Files = dict[str, str | bytes]


def package(name: str, runtime: str, packages: Mapping[str, str]) -> tuple[str, bytes]:
    """Return a handler's name and a zip with its code and its packages.

    Parameters
    ----------
    name
        Name of the function.
    runtime
        Lambda's identifier of the runtime.
    packages
        Names and versions that it brings along; of Java ``group:artifact``, of Go the modules.
    """
    if runtime.startswith("python"):
        pinned = "".join(f"{wanted}=={version}\n" for wanted, version in sorted(packages.items()))
        files = _own(name, {"app.py": _PYTHON.format(name=name)})
        return "app.handler", zipped({**files, "requirements.txt": pinned, **distributions(packages)})
    if runtime.startswith("nodejs"):
        files = _own(name, {"index.mjs": _NODE.format(name=name)})
        packages = packages or _USUAL
        return "index.handler", zipped({**files, **_npm(name, packages), **modules(packages)})
    if runtime.startswith("java"):
        handler = "example.larkspurvane.Handler::handleRequest"
        return handler, zipped({"README.txt": _OTHER.format(name=name), **_jars(packages)})
    return "bootstrap", zipped({"README.txt": _OTHER.format(name=name), **_go_mod(name, packages)})


def _own(name: str, otherwise: Files) -> Files:
    """Return the code of a function as it stands in ``functions/``, or the template."""
    folder = FUNCTIONS / name
    if not folder.is_dir():
        return otherwise
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


def distributions(packages: Mapping[str, str], below: str = "") -> Files:
    """Return the metadata of installed Python distributions."""
    files: Files = {}
    for name, version in packages.items():
        folder = f"{below}{name.replace('-', '_')}-{version}.dist-info"
        files[f"{folder}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        files[f"{folder}/RECORD"] = f"{folder.removeprefix(below)}/METADATA,,\n{folder.removeprefix(below)}/RECORD,,\n"
    return files


def modules(packages: Mapping[str, str], below: str = "") -> Files:
    """Return the manifests of installed modules of npm."""
    return {
        f"{below}node_modules/{name}/package.json": _text({"name": name, "version": version})
        for name, version in packages.items()
    }


def _npm(name: str, packages: Mapping[str, str]) -> Files:
    """Return manifest and lock file of a function in JavaScript."""
    manifest = {"name": name, "version": "1.0.0", "private": True, "dependencies": dict(sorted(packages.items()))}
    placed = {f"node_modules/{one}": {"version": version} for one, version in sorted(packages.items())}
    lock = {"name": name, "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": {"": {}, **placed}}
    return {"package.json": _text(manifest), "package-lock.json": _text(lock)}


def _jars(packages: Mapping[str, str]) -> Files:
    """Return the jars of a function in Java, which hold the coordinates that Maven puts into them."""
    files: Files = {}
    for name, version in packages.items():
        group, _, artifact = name.partition(":")
        said = f"groupId={group}\nartifactId={artifact}\nversion={version}\n"
        inside = zipped({f"META-INF/maven/{group}/{artifact}/pom.properties": said})
        files[f"lib/{artifact}-{version}.jar"] = inside
    return files


def _go_mod(name: str, packages: Mapping[str, str]) -> Files:
    if not packages:
        return {}
    wanted = "".join(f"\t{module} v{version}\n" for module, version in sorted(packages.items()))
    return {"go.mod": f"module larkspurvane.example/{name}\n\ngo 1.22\n\nrequire (\n{wanted})\n"}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip without compression (compressors differ between machines) and with fixed dates."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.create_system = 3
            archive.writestr(entry, text)
    return content.getvalue()


def write_packages(packages: Mapping[str, bytes], folder: Path) -> None:
    """Write zips below a folder, by their paths."""
    for path, content in packages.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _text(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
