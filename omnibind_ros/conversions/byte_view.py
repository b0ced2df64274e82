"""The bytes of a ``uint8[]`` field as an array, without a copy."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError


def byte_view(data: object, field: str) -> NDArray[np.uint8]:
    """Look at the bytes of a message field, whichever library made the message.

    :param data: ``array.array('B')`` (rclpy), a uint8 array (rosbags), or bytes.
    :param field: name of the field, for the error.
    :return: uint8 ``[n]``, read-only: it *is* the message's memory, where that is contiguous.
    :raises InputError: for anything else. That includes a ``rosidl_buffer.Buffer`` whose bytes lie
        on a GPU (ROS 2 Lyrical), of which numpy can make nothing.
    """
    if isinstance(data, np.ndarray):
        if data.dtype != np.uint8 or data.ndim != 1:
            raise InputError(field, f'{data.dtype} of shape {data.shape}', 'uint8 of shape [n]')
        view: NDArray[np.uint8] = np.ascontiguousarray(data).view()
    elif isinstance(data, array) and data.itemsize != 1:
        raise InputError(field, f'array.array of type {data.typecode!r}', "type 'B'")
    elif isinstance(data, memoryview) and not data.c_contiguous:
        raise InputError(field, 'a memoryview with gaps', 'contiguous bytes')
    elif isinstance(data, array | bytes | bytearray | memoryview):
        view = np.frombuffer(data, np.uint8)
    else:
        kind = f'{type(data).__module__}.{type(data).__qualname__}'
        raise InputError(field, kind, 'bytes in main memory: array.array, numpy array or bytes')
    view.flags.writeable = False
    return view
