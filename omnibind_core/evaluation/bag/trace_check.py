"""Whether a live window, fed anew with what had reached it, closes the same windows."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import replace
from typing import Any

from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.window_replay import replay_arrivals
from omnibind_core.streaming.window_replay import replay_calls
from omnibind_core.streaming.window_trace import ClosedRecord
from omnibind_core.streaming.window_trace import record_of
from omnibind_core.streaming.window_trace import WindowTrace

_MOST_SHOWN = 5


def check_trace(trace: WindowTrace) -> tuple[dict[str, Any], list[ClosedWindow]]:
    """Replay a trace twice: call by call, and its arrivals alone.

    Replayed call by call everything must be the same, the moment of closing included. Of arrivals
    alone the window is polled exactly at its deadlines, where a node is late: the moment of closing
    is another then, and everything else the same.

    :return: the figures, and the windows of the replayed arrivals.
    :raises TraceError: the trace cannot be replayed.
    """
    exact = compared(trace.closed, replay_calls(trace))
    windows = [*replay_arrivals(trace)]
    arrivals = compared(trace.closed, windows, timing=False)
    return {'call_by_call': exact, 'arrivals_alone': arrivals, 'whole': trace.whole}, windows


def compared(
    live: Sequence[ClosedRecord], replayed: Iterable[ClosedWindow], *, timing: bool = True
) -> dict[str, Any]:
    """How many windows are the same, one by one, and in which fields others differ.

    :param timing: whether the moment of closing counts.
    """
    records = [record_of(window) for window in replayed]
    if not timing:
        live, records = ([replace(one, closed_at=0) for one in some] for some in (live, records))
    pairs = [*zip(live, records, strict=False)]
    different = [(one, other) for one, other in pairs if one != other]
    return {
        'live': len(live),
        'replayed': len(records),
        'identical': len(pairs) - len(different),
        'all': len(live) == len(records) and not different,
        'first_differences': [_difference(*pair) for pair in different[:_MOST_SHOWN]],
    }


def _difference(one: ClosedRecord, other: ClosedRecord) -> str:
    texts = [
        f'{item.name}: {getattr(one, item.name)} live, {getattr(other, item.name)} replayed'
        for item in fields(one)
        if getattr(one, item.name) != getattr(other, item.name)
    ]
    return f'window {one.index}: {"; ".join(texts)}'
