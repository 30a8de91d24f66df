"""Addresses of queues, by which logs and traces name them."""

import re

__all__ = ["is_queue"]

_QUEUE = re.compile(r"https://[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?/\d{12}/[A-Za-z0-9_.-]{1,90}", re.ASCII)


def is_queue(text: str) -> bool:
    """Return whether a text is the address of a queue and nothing more."""
    return _QUEUE.fullmatch(text) is not None
