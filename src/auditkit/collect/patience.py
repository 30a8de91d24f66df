"""Asking again where a service asks for patience, or where the line broke."""

from collections.abc import Callable
from threading import Event
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
)
from botocore.parsers import ResponseParserError

from auditkit.errors import CollectError

__all__ = ["Patience"]

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_BROKEN = (ConnectionClosedError, EndpointConnectionError, HTTPClientError, ResponseParserError)
_SERVER_ERROR = 500


class Patience:
    """How often a request is made, and how long is waited in between.

    botocore itself asks a few times within seconds; this comes on top, for services that stay busy for longer.

    Parameters
    ----------
    attempts
        How often a request is made at most.
    first, longest
        Seconds before the second attempt, doubled with each further one up to the longest.
    stop
        Ends a wait, and the run with it, when set.
    """

    def __init__(
        self, *, attempts: int = 6, first: float = 1.0, longest: float = 20.0, stop: Event | None = None
    ) -> None:
        self._attempts = attempts
        self._first = first
        self._longest = longest
        self._stop = stop or Event()

    def __call__(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method of a client, made patient."""

        def patient(**parameters: Any) -> Any:  # noqa: ANN401 -- as botocore has it
            pause = self._first
            for attempt in range(1, self._attempts + 1):
                if self._stop.is_set():
                    raise InterruptedError
                try:
                    return method(**parameters)
                except (ClientError, BotoCoreError, ResponseParserError) as error:
                    if attempt == self._attempts or not _passes(error):
                        raise
                self._stop.wait(pause)
                pause = min(2 * pause, self._longest)
            raise AssertionError  # the last attempt returns or raises

        return patient


def _passes(error: Exception) -> bool:
    """Return whether the same request may be answered later."""
    if not isinstance(error, ClientError):
        return isinstance(error, _BROKEN)
    code = error.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        raise CollectError(f"the credentials have expired ({code}); with new ones the same command goes on") from error
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code in _THROTTLED or status >= _SERVER_ERROR
