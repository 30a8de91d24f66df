"""Building the account, in this process or in a moto server, and exporting it."""

import calendar
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore.model import OperationModel
from freezegun import freeze_time
from moto import mock_aws
from moto.core.config import default_user_config
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from auditkit.collect import collect
from data.samples.generator.account import ACCOUNT, HOME, STATES, Account
from data.samples.generator.build import build
from data.samples.generator.code import write_packages
from data.samples.generator.gaps import Gaps
from data.samples.generator.key import key_of

SEED = 20261102
TODAY = datetime(2026, 11, 2, 6, tzinfo=UTC)
ENVIRONMENT = {"AWS_EC2_METADATA_DISABLED": "true"}
SETTINGS = {"lambda": {"use_docker": False}, "iam": {"load_aws_managed_policies": True}}
SERVING = ["http", "queue", "selectors", "socket", "socketserver", "threading", "urllib3", "werkzeug"]
"""Modules that serve or wait, which need the true clock."""


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


@contextmanager
def held(moment: str = "2022-01-01") -> Iterator[Callable[[datetime], None]]:
    """Hold the clock, seed moto's chance, and yield what moves the clock."""
    # Moto takes times apart as local ones; here local is UTC.
    with (
        patch.dict(os.environ, ENVIRONMENT),
        patch.dict(default_user_config, SETTINGS),
        patch("time.mktime", calendar.timegm),
        freeze_time(moment, ignore=SERVING) as clock,
    ):
        mock_random.seed(SEED)
        yield clock.move_to


def generate(endpoint_url: str, move_to: Callable[[datetime], None] = lambda _: None) -> Session:
    """Build the account in a running moto server.

    Parameters
    ----------
    endpoint_url
        Address of the server, which must know the policies that AWS manages
        (``MOTO_IAM_LOAD_MANAGED_POLICIES=true``).
    move_to
        Moves the server's clock, where the caller can.

    Returns
    -------
    Session
        A session to ask the account with, which knows what the server does not say.
    """
    session = Session(endpoint_url)
    build(Account(session, session.gaps, move_to))
    move_to(TODAY)
    return session


@contextmanager
def served() -> Iterator[Session]:
    """Build the account in a moto server and yield a session that speaks to it over HTTP.

    The server's state is this process's own moto: nothing else may use that meanwhile. The session knows what the
    server does not say.
    """
    with held() as move_to:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield generate(f"http://{host}:{port}", move_to)
        finally:
            server.stop()
            moto_api_backend.reset()


def export(out: Path) -> list[tuple[str, ...]]:
    """Build the account in this process, export it to a folder, which is emptied first, and return its answer key.

    Returns
    -------
    list of tuple
        Area, check, resource, expected and note, sorted.
    """
    shutil.rmtree(out, ignore_errors=True)
    with held() as move_to, mock_aws():
        session = Session()
        account = Account(session, session.gaps, move_to)
        build(account)
        move_to(TODAY)
        collect(session, out, account=ACCOUNT, regions=[HOME, STATES])
        write_packages(session.gaps.packages, out)
    return key_of(account.key_rows)
