"""Python's collector of garbage, kept away from where much is made and nothing thrown away."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["make_room", "no_collection"]

_MANY = 50_000


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the collector from looking through all that is held again and again: nothing of it is garbage.

    What was made meanwhile counts as old afterwards, as if it had been looked through: else the next thing that is made
    would have all of it looked through at once.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():  # what others have put aside stays there
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def make_room(count: int) -> None:
    """Collect garbage where much was thrown away: what leads in circles is not gone by itself.

    Parameters
    ----------
    count
        Things that were made; of a few it is not worth the time.
    """
    if count > _MANY:
        gc.collect()
