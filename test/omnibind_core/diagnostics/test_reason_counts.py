"""Counts from several threads, bounded in number."""

from __future__ import annotations

import threading

from omnibind_core.diagnostics.reason_counts import ReasonCounts


def test_no_count_is_lost_between_threads() -> None:
    """Four threads, two reasons."""
    counts = ReasonCounts()

    def work() -> None:
        for number in range(5000):
            counts.add('even' if number % 2 == 0 else 'odd')

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts.snapshot() == {'even': 10_000, 'odd': 10_000}
    assert counts['even'] == 10_000
    assert counts['never'] == 0
    assert counts.texts() == {'count even': '10000', 'count odd': '10000'}


def test_reasons_without_end_become_others() -> None:
    """Nothing that a message contains can make it grow."""
    counts = ReasonCounts()
    for number in range(1000):
        counts.add(f'refused {number}')
    counts.add('refused 3', 2)
    found = counts.snapshot()
    assert len(found) == 101
    assert found['other'] == 900
    assert found['refused 3'] == 3
    assert sum(found.values()) == 1002
