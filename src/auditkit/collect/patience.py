"""Asking again where a service asks for patience, or where the line broke."""

from collections.abc import Callable
from threading import Event
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
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
_BROKEN = (ConnectionClosedError, EndpointConnectionError, HTTPClientError)
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_SERVER_ERROR = 500
_ALWAYS = 1_000
_FAILED_INSIDE = 2


class Patience:
    """How often a request is made, and how long is waited in between.

    botocore itself asks a few times within seconds; this comes on top, for services that stay busy for longer.

    Parameters
    ----------
    attempts
        How often a request is made at most, where the service asks for patience or the line broke; one that fails in
        the service itself is made twice.
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
            made, pause = 0, self._first
            while True:
                if self._stop.is_set():
                    raise InterruptedError
                try:
                    return method(**parameters)
                except (ClientError, BotoCoreError, ResponseParserError) as error:
                    made += 1
                    if made >= min(self._attempts, _worth(error)):
                        raise
                self.wait(pause)
                pause = min(2 * pause, self._longest)

        return patient

    def wait(self, seconds: float) -> None:
        """Wait so long, but no longer than the longest pause, and not once the run is to end.

        Raises
        ------
        InterruptedError
            The run is to end.
        """
        if self._stop.wait(min(seconds, self._longest)):
            raise InterruptedError


def _worth(error: Exception) -> int:
    """Return how often a request that failed like this is worth making."""
    if isinstance(error, ResponseParserError):
        return _FAILED_INSIDE
    if isinstance(error, _NO_CREDENTIALS):
        raise CollectError(f"there are no credentials any more ({error}); with new ones the same command goes on")
    if not isinstance(error, ClientError):
        return _ALWAYS if isinstance(error, _BROKEN) else 1
    code = error.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        raise CollectError(f"the credentials have expired ({code}); with new ones the same command goes on") from error
    if code in _THROTTLED:
        return _ALWAYS
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _FAILED_INSIDE if status >= _SERVER_ERROR else 1
