"""Code packages: small, harmless, and the same bytes on every machine."""

import io
import json
import zipfile
from collections.abc import Mapping

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


def package(name: str, runtime: str, packages: Mapping[str, str]) -> tuple[str, bytes]:
    """Return a handler's name and a zip with its code and its manifest of packages.

    Parameters
    ----------
    name
        Name of the function.
    runtime
        Lambda's identifier of the runtime.
    packages
        Names and versions that the manifest lists.
    """
    if runtime.startswith("python"):
        pinned = "".join(f"{wanted}=={version}\n" for wanted, version in sorted(packages.items()))
        return "app.handler", _zipped({"app.py": _PYTHON.format(name=name), "requirements.txt": pinned})
    if runtime.startswith("nodejs"):
        manifest = {"name": name, "version": "1.0.0", "private": True, "dependencies": dict(sorted(packages.items()))}
        text = json.dumps(manifest, indent=2) + "\n"
        return "index.handler", _zipped({"index.mjs": _NODE.format(name=name), "package.json": text})
    handler = "example.larkspurvane.Handler::handleRequest" if runtime.startswith("java") else "bootstrap"
    return handler, _zipped({"README.txt": _OTHER.format(name=name)})


def _zipped(files: Mapping[str, str]) -> bytes:
    """Return a zip without compression (compressors differ between machines) and with fixed dates."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.create_system = 3
            archive.writestr(entry, text)
    return content.getvalue()
