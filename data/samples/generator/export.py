"""Building the account, in this process or in a moto server, and exporting it."""

import calendar
import csv
import os
import shutil
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore.model import OperationModel
from freezegun import freeze_time
from moto import mock_aws
from moto.moto_api._internal import mock_random

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
        any_will_do = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "testing")
        super().__init__(**any_will_do, region_name=HOME)
        self._endpoint_url = endpoint_url
        self._tokens = 0
        self.events.register_first("before-parameter-build", self._token)
        self.events.register("request-created", _for_account)
        self.gaps = Gaps(self)

    def client(self, *args: Any, **more: Any) -> Any:
        """Return a client of a service."""
        return super().client(*args, **{"endpoint_url": self._endpoint_url, **more})

    def _token(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        """Give idempotent calls tokens by number, which botocore would draw by chance."""
        for name in model.idempotent_members:
            if name not in params:
                self._tokens += 1
                params[name] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"larkspur-{self._tokens}"))


def _for_account(request: Any, **_: object) -> None:
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


AREAS = {
    "appvuln": "appvuln",
    "deps": "deps",
    "dos": "dos",
    "long": "longlived",
    "patch": "patch",
    "perim": "perimeter",
    "rest": "rest",
    "sprawl": "sprawl",
    "transit": "transit",
}


def export(out: Path, key: Path) -> None:
    """Build the account in this process, export it, and write its answer key.

    Parameters
    ----------
    out
        Folder of the export; it is emptied first.
    key
        CSV file of the answer key.
    """
    shutil.rmtree(out, ignore_errors=True)
    quiet = {"AWS_EC2_METADATA_DISABLED": "true"}
    # Moto takes times apart as local ones; here local is UTC.
    with (
        patch.dict(os.environ, quiet),
        freeze_time("2022-01-01") as clock,
        patch("time.mktime", calendar.timegm),
        mock_aws(config=SETTINGS),
    ):
        mock_random.seed(SEED)
        session = Session()
        account = Account(session, session.gaps, clock.move_to)
        build(account)
        clock.move_to(datetime.fromisoformat(TODAY).replace(tzinfo=UTC))
        collect(session, out, account=ACCOUNT, regions=[HOME, STATES])
    rows = sorted((AREAS[row[0].partition(".")[0]], *row) for row in account.key_rows)
    with key.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("area", "check", "resource", "expected", "note"))
        writer.writerows(rows)
