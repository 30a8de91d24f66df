"""ops-deploy-helper: deploys what the chat asks for."""

import subprocess

PACKAGES = "/tmp/packages"


def handler(event, context):
    """Unpack a build and put it into place."""
    name = event["function"]
    subprocess.run(f"unzip -o /tmp/{name}.zip -d {PACKAGES}", shell=True, check=True)
    return {"deployed": name}
