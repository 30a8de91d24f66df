"""Work in threads: at most so much at once, and of one lane (a service in a region) no more than it bears."""

import heapq
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

__all__ = ["Lanes"]

Priority = tuple[int, ...]
_Job = tuple[Priority, str, Callable[[], Any], Callable[[Any], None]]


class Lanes:
    """Runs jobs, those first that stand first in the table.

    What a job gives back is told in the thread that called :meth:`run`, so that nothing but the jobs themselves must
    withstand threads. With one worker all runs in that thread.

    Parameters
    ----------
    workers
        Jobs at once.
    per_lane
        Jobs of one lane at once.
    stop
        Set when the work ends early, by an error or an interrupt; jobs may look at it.
    """

    def __init__(self, *, workers: int, per_lane: int, stop: Event) -> None:
        self._workers = workers
        self._per_lane = per_lane
        self._stop = stop
        self._ready: list[_Job] = []
        self._parked: dict[str, list[_Job]] = {}
        self._busy: Counter[str] = Counter()

    def add(self, priority: Priority, lane: str, work: Callable[[], Any], told: Callable[[Any], None]) -> None:
        """Take a job; `priority` is its own alone, and `told` takes what `work` gives back and may add jobs."""
        heapq.heappush(self._ready, (priority, lane, work, told))

    def run(self) -> None:
        """Run all jobs, and those that they add; the first error ends it once the jobs that run are done."""
        if self._workers == 1:
            while self._ready:
                _, _, work, told = heapq.heappop(self._ready)
                told(work())
            return
        with ThreadPoolExecutor(self._workers, thread_name_prefix="collect") as pool:
            try:
                self._run(pool)
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _run(self, pool: ThreadPoolExecutor) -> None:
        running: dict[Future[Any], _Job] = {}
        while self._ready or running:
            while len(running) < self._workers and (job := self._next()) is not None:
                running[pool.submit(job[2])] = job
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                _, lane, _, told = running.pop(future)
                self._busy[lane] -= 1
                if parked := self._parked.get(lane):
                    heapq.heappush(self._ready, heapq.heappop(parked))
                told(future.result())

    def _next(self) -> _Job | None:
        while self._ready:
            job = heapq.heappop(self._ready)
            if self._busy[job[1]] < self._per_lane:
                self._busy[job[1]] += 1
                return job
            heapq.heappush(self._parked.setdefault(job[1], []), job)
        return None
