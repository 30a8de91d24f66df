"""Clients of one account, made as they are needed."""

import json
import socket
from collections.abc import Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectionClosedError, UnknownRegionError
from botocore.model import OperationModel

from auditkit.errors import CollectError

__all__ = ["Clients"]

_FIRST_ERROR = 300


class Clients:
    """Gives boto3 clients; may be asked from several threads.

    Parameters
    ----------
    session
        A boto3 session with the right to read.
    home
        Region that calls for the whole account go through.
    endpoint_url
        Address to ask instead of AWS's own, for an emulator.
    connections
        Requests at once.
    look_up
        Whether the name of a service's address is looked up where botocore does not know that a region has the service.
    """

    def __init__(
        self,
        session: boto3.session.Session,
        *,
        home: str,
        endpoint_url: str | None = None,
        connections: int = 10,
        look_up: bool = False,
    ) -> None:
        self._session: Any = session  # typed per service where stubs are installed; here the service is data
        self._home = home
        self._endpoint_url = endpoint_url
        self._look_up = look_up and not endpoint_url
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=connections,
            user_agent_extra="auditkit-collect",
        )
        self._lock = Lock()  # making a client is not safe in threads, using one is
        self._made: dict[tuple[str, str], Any] = {}
        self._available: dict[tuple[str, str], bool] = {}

    def of(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 -- boto3 has no types
        """Return the client of a service, in the home region where none is given.

        Raises
        ------
        CollectError
            There is no such region, or the address is none.
        """
        where = region or self._home
        with self._lock:
            if (service, where) not in self._made:
                more = {"endpoint_url": self._endpoint_url} if self._endpoint_url else {}
                try:
                    made = self._session.client(service, region_name=where, config=self._config, **more)
                except (BotoCoreError, ValueError) as error:
                    raise CollectError(f"{service} in {where} cannot be asked: {error}") from error
                made.meta.events.register("before-parse", _check_whole)
                self._made[service, where] = made
            return self._made[service, where]

    def available(self, service: str, region: str) -> bool:
        """Return False where a region does not have a service.

        botocore's own list of a service's regions runs behind, so a service that it does not name is looked up: it is
        not there if its name has no address, while the name of a service that every region has does.
        """
        if not self._look_up:
            return True
        host, sure = (urlsplit(self.of(name, region).meta.endpoint_url).hostname or "" for name in (service, "sts"))
        with self._lock:
            if (service, region) not in self._available:
                listed = region in self._listed(service, region)
                self._available[service, region] = listed or _resolves(host) or not _resolves(sure)
            return self._available[service, region]

    def _listed(self, service: str, region: str) -> list[str]:
        try:
            partition = self._session.get_partition_for_region(region)
        except UnknownRegionError:
            return []
        found: list[str] = self._session.get_available_regions(service, partition_name=partition)
        return found


def _check_whole(response_dict: Mapping[str, Any], operation_model: OperationModel, **_: object) -> None:
    """Refuse an answer that was cut off, or that cannot be the service's: botocore takes either for an empty one.

    Raises
    ------
    ConnectionClosedError
        The answer is not whole.
    """
    body = response_dict["body"]
    if not isinstance(body, bytes) or operation_model.http.get("method") == "HEAD":
        return
    announced = str(response_dict["headers"].get("content-length", ""))
    whole = not announced.isdigit() or len(body) >= int(announced)
    if whole and response_dict["status_code"] < _FIRST_ERROR:
        whole = _fits(body, operation_model)
    if not whole:
        raise ConnectionClosedError(endpoint_url=operation_model.service_model.service_name)


def _fits(body: bytes, model: OperationModel) -> bool:
    protocol = model.service_model.resolved_protocol
    if "json" in protocol:
        try:
            return isinstance(json.loads(body or b"{}"), dict)
        except (ValueError, RecursionError):
            return False
    if protocol in {"query", "ec2"}:
        return f"{model.name}Response".encode() in body
    return True


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        return False
    return True
