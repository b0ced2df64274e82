"""The worker takes the newest, survives failures and stops."""

from __future__ import annotations

import threading

from omnibind_core.streaming.latest_worker import LatestWorker


def test_only_the_newest_of_what_waits_is_taken() -> None:
    """While the first is worked on, four are offered; the last one is next."""
    begun, go_on = threading.Event(), threading.Event()
    taken: list[int] = []

    def work(item: int) -> None:
        taken.append(item)
        begun.set()
        assert go_on.wait(10)

    worker = LatestWorker(work, failed=lambda error: None, name='test')
    assert not worker.put(0)
    assert begun.wait(10)
    assert [worker.put(item) for item in (1, 2, 3, 4)] == [False, True, True, True]
    go_on.set()
    assert worker.drain(10)
    assert taken == [0, 4]
    assert worker.stop()


def test_a_failure_is_reported_and_the_next_item_is_worked_on() -> None:
    """One bad item must not silence a sensor."""
    failures: list[Exception] = []
    done: list[int] = []

    def work(item: int) -> None:
        if item < 0:
            raise ValueError(item)
        done.append(item)

    worker = LatestWorker(work, failed=failures.append, name='test')
    for item in (-1, 7):
        worker.put(item)
        assert worker.drain(10)
    assert done == [7]
    assert [str(error) for error in failures] == ['-1']
    assert worker.stop()


def test_stopping_drops_what_waits() -> None:
    """And is safe to call twice."""
    worker = LatestWorker(lambda item: None, failed=lambda error: None, name='test')
    assert worker.stop()
    assert worker.stop()
    worker.put(1)
    assert not worker.drain(0.01)
