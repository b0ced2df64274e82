"""A recorded trace through a window anew: call by call, or its arrivals alone."""

from __future__ import annotations

from collections.abc import Iterator

from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import until
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.window_trace import POLL
from omnibind_core.streaming.window_trace import RECEIVE
from omnibind_core.streaming.window_trace import TraceError
from omnibind_core.streaming.window_trace import WindowTrace

_CLOSING = (RECEIVE, POLL, 'flush', 'clock_jumped')
_SILENT = ('publisher_gone', 'publisher_back', 'set_enabled', 'set_config')


def replay_calls(trace: WindowTrace) -> Iterator[ClosedWindow]:
    """Exactly what was done, polls included; yields what closes.

    :raises TraceError: the trace holds what no window can do, or is one of a synchronizer.
    """
    window = _window(trace)
    for call in trace.calls:
        if call.name in _CLOSING:
            yield from getattr(window, call.name)(*call.arguments)
        else:
            _silent(window, call.name, *call.arguments)


def replay_arrivals(trace: WindowTrace) -> Iterator[ClosedWindow]:
    """As the evaluation of bags does: polled exactly at each deadline, whenever the node was.

    :raises TraceError: see :func:`replay_calls`.
    """
    window = _window(trace)
    for call in trace.calls:
        if call.name == POLL:
            # However late: what was due until then had closed before anything else was done.
            yield from until(window, call.arguments[0] + 1)
            continue
        if call.name not in _CLOSING:
            _silent(window, call.name, *call.arguments)
            continue
        yield from until(window, call.arguments[-1])
        yield from getattr(window, call.name)(*call.arguments)


def arrivals_of(trace: WindowTrace) -> list[Arrival]:
    """What reached the window, and when."""
    return [
        Arrival(call.arguments[1], call.arguments[0])
        for call in trace.calls
        if call.name == RECEIVE
    ]


def _window(trace: WindowTrace) -> AdaptiveWindow:
    if trace.sync != 'adaptive':
        raise TraceError(f'a trace of sync: {trace.sync}; only the adaptive window is replayed')
    return AdaptiveWindow(trace.config, trace.space)


def _silent(window: AdaptiveWindow, name: str, *arguments: object) -> None:
    if name not in _SILENT:
        raise TraceError(f'a trace with a call {name!r}, which no window has')
    getattr(window, name)(*arguments)
