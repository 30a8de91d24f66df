"""The garbage collector, kept from looking through large structures again and again while they are built."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_collection"]


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector away while much is made of which nothing is garbage.

    What is not referred to any more goes at once all the same; only what refers to itself in a circle waits.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
