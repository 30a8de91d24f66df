"""Make the sample account and export it: ``python data/samples/generate.py [--out FOLDER]``.

The account is built with boto3 against moto, in this process, with the clock held and moto's chance seeded, and exported by
auditkit's own collector: the same bytes every time. :func:`generate` also builds it in a moto server.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from auditkit.collect import collect
from data.samples.generator.account import ACCOUNT, HOME, STATES, Account
from data.samples.generator.build import build
from data.samples.generator.gaps import Gaps

SEED = 20261102
TODAY = "2026-11-02T06:00:00"
SETTINGS: dict[str, Any] = {"lambda": {"use_docker": False}, "iam": {"load_aws_managed_policies": True}}


class Session(boto3.session.Session):
    """A session that speaks to moto for the retailer's account, with the gaps of moto filled.

    Parameters
    ----------
    endpoint_url
        Address of a moto server; moto in this process where none is given.
    """

    def __init__(self, endpoint_url: str | None = None) -> None:
        secret = "testing"  # noqa: S105 -- moto takes any
        super().__init__(aws_access_key_id="testing", aws_secret_access_key=secret, region_name=HOME)
        self._endpoint_url = endpoint_url
        self.events.register("request-created", _for_account)
        self.gaps = Gaps(self)

    def client(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """Return a client of a service."""
        return super().client(*args, **{"endpoint_url": self._endpoint_url, **more})


def _for_account(request: Any, **_: object) -> None:  # noqa: ANN401
    request.headers["x-moto-account-id"] = ACCOUNT


def generate(endpoint_url: str, move_to: Callable[[datetime], None] = lambda _: None) -> Session:
    """Build the account in a moto server; its clock stays the machine's own.

    Parameters
    ----------
    endpoint_url
        Address of the server, started anew.
    move_to
        Moves the server's clock, where the caller can.

    Returns
    -------
    Session
        A session to ask the account with, which knows what the server does not.
    """
    session = Session(endpoint_url)
    build(Account(session, session.gaps, move_to))
    return session


def export(out: Path) -> None:
    """Build the account in this process and export it to a folder, which is emptied first."""
    from freezegun import freeze_time  # noqa: PLC0415 -- not needed for a server
    from moto import mock_aws  # noqa: PLC0415
    from moto.moto_api._internal import mock_random  # noqa: PLC0415

    shutil.rmtree(out, ignore_errors=True)
    quiet = {"AWS_EC2_METADATA_DISABLED": "true", "TZ": "UTC"}
    with patch.dict(os.environ, quiet), freeze_time("2022-01-01") as clock, mock_aws(config=SETTINGS):
        mock_random.seed(SEED)
        session = Session()
        build(Account(session, session.gaps, clock.move_to))
        clock.move_to(datetime.fromisoformat(TODAY).replace(tzinfo=UTC))
        collect(session, out, account=ACCOUNT, regions=[HOME, STATES])


def main() -> None:
    """Export where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "retailer")
    out = parser.parse_args().out
    export(out)
    print(f"{sum(1 for _ in out.rglob('*.json'))} files in {out}")


if __name__ == "__main__":
    main()
