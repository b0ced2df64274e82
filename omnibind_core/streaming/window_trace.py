"""Everything that was done to a window, and what closed: as lines of JSON, and read back.

Each line is one object. The first one holds the format's number, the embedding space and the
configuration; every other one holds either a ``call`` of the window with its arguments, or a
``closed`` window that the call before it gave. Times are nanoseconds of ROS time, embeddings are
float32 in base64, so that what is replayed is the same to the last bit.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields
import json
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_core.errors import OmniBindError
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.vector import Vector

FORMAT = 1
RECEIVE = 'receive'
POLL = 'poll'
_PLAIN = tuple(item.name for item in fields(Vector) if item.name != 'payload')


class TraceError(OmniBindError):
    """A trace cannot be read; the message names the file and line."""


@dataclass(frozen=True)
class Call:
    """One call of a window's method.

    :param name: of the method.
    :param arguments: in order: a vector, a configuration, a name, a time.
    """

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class ClosedRecord:
    """A window as it closed: see :class:`~omnibind_core.streaming.closed_window.ClosedWindow`.

    :param fresh: (sensor, stamp, seq) of each vector; ``held`` likewise.
    """

    index: int
    start: int
    end: int
    stamp: int
    opened: int
    closed_at: int
    closed_by: str
    fresh: tuple[tuple[str, int, int], ...]
    held: tuple[tuple[str, int, int], ...]
    missing: tuple[str, ...]
    publish: bool


@dataclass(frozen=True)
class WindowTrace:
    """What was read from a file.

    :param space: the embedding space.
    :param config: at the begin.
    :param sync: what brought vectors together: ``adaptive`` or a synchronizer.
    :param calls: in the order in which they were made.
    :param closed: the windows that they gave, in order.
    :param whole: false when the trace ends early, because it had become too large.
    """

    space: str
    config: WindowConfig
    sync: str
    calls: tuple[Call, ...]
    closed: tuple[ClosedRecord, ...]
    whole: bool


def record_of(window: ClosedWindow) -> ClosedRecord:
    """A closed window without its embeddings."""
    values = {item.name: getattr(window, item.name) for item in fields(ClosedRecord)}
    for name in ('fresh', 'held'):
        values[name] = tuple((one.sensor, one.stamp, one.seq) for one in values[name])
    return ClosedRecord(**values)


def head_line(space: str, config: WindowConfig, sync: str) -> str:
    """The first line."""
    return _line({'trace': FORMAT, 'space': space, 'sync': sync, 'config': _config(config)})


def call_line(call: Call) -> str:
    """A line for a call."""
    return _line({'call': call.name, 'arguments': [_plain(one) for one in call.arguments]})


def closed_line(window: ClosedWindow) -> str:
    """A line for a window that closed."""
    record = record_of(window)
    return _line({'closed': {item.name: getattr(record, item.name) for item in fields(record)}})


def end_line(reason: str) -> str:
    """The line that tells why nothing follows."""
    return _line({'end': reason})


def read_trace(path: Path) -> WindowTrace:
    """Read a whole trace; a last line that was cut off in the middle is left out.

    :raises TraceError: it is none, or damaged.
    """
    lines = _objects(path)
    head = next(lines, None)
    if head is None or head.get('trace') != FORMAT:
        raise TraceError(f'{path}: no trace of a window: its first line must say "trace": {FORMAT}')
    calls: list[Call] = []
    closed: list[ClosedRecord] = []
    whole = True
    try:
        config = _read_config(head['config'])
        for one in lines:
            if 'call' in one:
                calls.append(_call(one))
            elif 'closed' in one:
                closed.append(_record(one['closed']))
            else:
                whole = not one['end']
    except (KeyError, TypeError, ValueError) as error:
        where = f'line {len(calls) + len(closed) + 2}'
        raise TraceError(f'{path}, {where}: not what a trace holds: {error!r}') from None
    return WindowTrace(
        str(head['space']), config, str(head['sync']), tuple(calls), tuple(closed), whole
    )


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding='utf-8', errors='replace') as stream:
        for number, text in enumerate(stream, start=1):
            if not text.endswith('\n'):
                return  # whoever wrote it was killed
            try:
                value = json.loads(text)
            except ValueError:
                value = None
            if not isinstance(value, dict):
                raise TraceError(f'{path}, line {number}: no JSON object')
            yield value


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(',', ':'), allow_nan=False) + '\n'


def _plain(value: Any) -> Any:
    if isinstance(value, Vector):
        given = {name: getattr(value, name) for name in _PLAIN}
        if value.payload is not None:
            content = np.ascontiguousarray(value.payload, '<f4').tobytes()
            given['payload'] = base64.b64encode(content).decode('ascii')
        return {'vector': given}
    return {'config': _config(value)} if isinstance(value, WindowConfig) else value


def _call(given: Mapping[str, Any]) -> Call:
    return Call(str(given['call']), tuple(_argument(one) for one in given['arguments']))


def _argument(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if 'config' in value:
        return _read_config(value['config'])
    given = dict(value['vector'])
    payload = given.pop('payload', None)
    if payload is not None:
        content = base64.b64decode(payload, validate=True)
        payload = np.frombuffer(content, '<f4').astype(np.float32)
    return Vector(**given, payload=payload)


def _record(given: Mapping[str, Any]) -> ClosedRecord:
    values = dict(given)
    for name in ('fresh', 'held'):
        values[name] = tuple((str(a), int(b), int(c)) for a, b, c in values[name])
    values['missing'] = tuple(values['missing'])
    return ClosedRecord(**values)


def _config(config: WindowConfig) -> dict[str, Any]:
    return {item.name: getattr(config, item.name) for item in fields(WindowConfig)}


def _read_config(given: Mapping[str, Any]) -> WindowConfig:
    return WindowConfig(**{**given, 'sporadic': tuple(given['sporadic'])})
