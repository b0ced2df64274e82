"""The worker takes the newest, survives failures and stops."""

from __future__ import annotations

import threading

import pytest

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


@pytest.mark.parametrize('hand_over', [0.0, 30.0])
def test_who_offers_waits_for_quick_work_only_where_that_is_asked_for(hand_over: float) -> None:
    """The offer returns while the work goes on, or only after it."""
    returned = threading.Event()
    seen: list[bool] = []

    def work(item: int) -> None:
        seen.append(returned.wait(10.0 if hand_over == 0 else 0.2))

    worker = LatestWorker(work, failed=lambda error: None, name='test', hand_over=hand_over)
    worker.put(1)
    returned.set()
    assert worker.drain(30)
    assert seen == [hand_over == 0]
    assert worker.stop()


def test_stopping_drops_what_waits() -> None:
    """And is safe to call twice."""
    worker = LatestWorker(lambda item: None, failed=lambda error: None, name='test')
    assert worker.stop()
    assert worker.stop()
    worker.put(1)
    assert not worker.drain(0.01)


@pytest.mark.filterwarnings('ignore::pytest.PytestUnhandledThreadExceptionWarning')
def test_a_failure_that_cannot_be_reported_does_not_silence_the_sensor() -> None:
    """Nor does a library that wants to end the thread: the next item starts a new one."""
    done: list[int] = []

    def work(item: int) -> None:
        if item == 1:
            raise SystemExit
        if item == 2:
            raise ValueError(item)
        done.append(item)

    def failed(error: Exception) -> None:
        raise RuntimeError('the log is full') from error

    worker = LatestWorker(work, failed=failed, name='test')
    worker.put(2)
    assert worker.drain(10)
    worker.put(3)
    assert worker.drain(10)
    worker.put(1)
    for thread in threading.enumerate():
        if thread.name == 'test':
            thread.join(10)
    worker.put(4)
    assert worker.drain(10)
    assert done == [3, 4]
    assert worker.restarts == 1
    assert worker.stop()


def test_what_waits_can_be_taken_back() -> None:
    """The one under way goes on, and says since when."""
    begun, go_on = threading.Event(), threading.Event()
    taken: list[int] = []

    def work(item: int) -> None:
        begun.set()
        assert go_on.wait(10)
        taken.append(item)

    worker = LatestWorker(work, failed=lambda error: None, name='test')
    assert worker.busy_since is None
    worker.put(0)
    assert begun.wait(10)
    since = worker.busy_since
    assert since is not None
    worker.put(1)
    assert worker.withdraw()
    assert not worker.withdraw()
    go_on.set()
    assert worker.drain(10)
    assert taken == [0]
    assert worker.busy_since is None
    assert worker.stop()
