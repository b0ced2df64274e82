"""The stamp in a serialised message that begins with a `std_msgs/Header`."""

from __future__ import annotations

import struct

_SECOND = 1_000_000_000
# Four bytes say which end of a number comes first; then the header, which begins with its stamp.
_BEGIN = 4
_LENGTH = 8


def shifted(data: bytes, nanoseconds: int) -> bytes:
    """The same message with its header's stamp moved; a zero stamp, which is none, is left.

    :param data: CDR of a message whose first field is a ``std_msgs/Header``; one that is too short
        is returned as it is.
    """
    if nanoseconds == 0 or len(data) < _BEGIN + _LENGTH:
        return data
    form = '<iI' if data[1] & 1 else '>iI'
    seconds, rest = struct.unpack_from(form, data, _BEGIN)
    if not seconds and not rest:
        return data
    time = seconds * _SECOND + rest + nanoseconds
    stamp = struct.pack(form, *divmod(time, _SECOND))
    return data[:_BEGIN] + stamp + data[_BEGIN + _LENGTH :]
