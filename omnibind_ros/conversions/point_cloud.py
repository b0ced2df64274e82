"""``sensor_msgs/PointCloud2``: points out of any layout of fields.

Own code instead of ``sensor_msgs_py.point_cloud2``, which checks by ``assert``, ignores padding
between rows, turns organised clouds on their side, and swaps big-endian values inside the message.

Notation: ``n`` number of points, ``h`` rows of ``w`` points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_ros.conversions.byte_view import byte_view
from omnibind_ros.conversions.messages import PointCloudMessage
from omnibind_ros.conversions.messages import PointFieldMessage

# sensor_msgs/PointField: INT8 = 1 ... FLOAT64 = 8
_TYPES = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 8: 'f8'}
_MOST_FIELDS = 1000  # real clouds have about ten


def decode_points(message: PointCloudMessage) -> NDArray[np.float32]:
    """Coordinates of the points in a ``sensor_msgs/PointCloud2``, row by row.

    Points that are not finite are kept: what they mean is for the modality to say. Doubles beyond
    the range of float32 become infinite.

    :return: float32 ``[n, 3]``, x, y, z in metres; read-only. A view of the message where x, y, z
        are consecutive float32 in the machine's byte order; ``n`` may be 0.
    :raises InputError: if a field is missing, twice there, of another type or outside the point,
        or if steps, sizes and bytes do not fit together.
    """
    fields = [_field(message, name) for name in ('x', 'y', 'z')]
    data = _checked_bytes(message)
    points = _consecutive(message, fields, data)
    if points is None:
        points = np.empty((message.height * message.width, 3), np.float32)
        for column, field in enumerate(fields):
            points[:, column] = _values(message, field, data)
    points.flags.writeable = False
    return points


def decode_intensity(
    message: PointCloudMessage, name: str = 'intensity'
) -> NDArray[np.float32] | None:
    """One more value of each point, in the order of :func:`decode_points`.

    :param name: name of the field: ``intensity``, ``reflectivity``, ``ring`` ...
    :return: float32 ``[n]``, read-only, in the sensor's unit; None if the cloud has no such field.
    :raises InputError: as :func:`decode_points`.
    """
    if not any(field.name == name for field in _bounded_fields(message)):
        return None
    field = _field(message, name)
    values = _values(message, field, _checked_bytes(message))
    values.flags.writeable = False
    return values


def _bounded_fields(message: PointCloudMessage) -> list[PointFieldMessage]:
    if len(message.fields) > _MOST_FIELDS:
        raise InputError('fields', f'{len(message.fields)} fields', f'<= {_MOST_FIELDS} fields')
    return list(message.fields)


def _field(message: PointCloudMessage, name: str) -> PointFieldMessage:
    """The one field of this name, checked. Fields that nobody reads are not our business."""
    fields = _bounded_fields(message)
    found = [field for field in fields if field.name == name]
    if len(found) != 1:
        names = ', '.join(field.name for field in fields[:20])
        raise InputError('fields', f'{len(found)} named {name!r} among ({names})', 'one of each')
    field = found[0]
    if field.datatype not in _TYPES:
        raise InputError(f'fields.{name}.datatype', field.datatype, '1 (INT8) to 8 (FLOAT64)')
    if field.count != 1:
        raise InputError(f'fields.{name}.count', field.count, '1')
    size = np.dtype(_TYPES[field.datatype]).itemsize
    if not 0 <= field.offset <= message.point_step - size:
        given = f'{field.offset} ({size} bytes)'
        allowed = f'within the point of {message.point_step} bytes'
        raise InputError(f'fields.{name}.offset', given, allowed)
    return field


def _checked_bytes(message: PointCloudMessage) -> NDArray[np.uint8]:
    """The points' bytes, of which at least ``height`` times ``row_step`` are there."""
    data = byte_view(message.data, 'data')
    if message.height < 1 or message.width < 1:
        if message.height < 0 or message.width < 0:
            raise InputError('height x width', f'{message.height} x {message.width}', '>= 0')
        return data
    if message.row_step < message.width * message.point_step:
        needed = message.width * message.point_step
        allowed = f'>= {needed} ({message.width} points of {message.point_step} bytes)'
        raise InputError('row_step', message.row_step, allowed)
    if data.size < message.height * message.row_step:
        needed = message.height * message.row_step
        allowed = f'>= {needed} ({message.height} rows of {message.row_step} bytes)'
        raise InputError('data', f'{data.size} bytes', allowed)
    return data


def _consecutive(
    message: PointCloudMessage, fields: list[PointFieldMessage], data: NDArray[np.uint8]
) -> NDArray[np.float32] | None:
    """All coordinates at once, ``[n, 3]``, if they lie one after the other as they should."""
    first = fields[0].offset
    dtype = np.dtype('>f4' if message.is_bigendian else '<f4')
    if not dtype.isnative or any(
        field.datatype != 7 or field.offset != first + 4 * column
        for column, field in enumerate(fields)
    ):
        return None
    rows, columns = _shape(message)
    points = np.ndarray(
        (rows, columns, 3),
        np.float32,
        buffer=data,
        offset=first if rows else 0,
        strides=(message.row_step, message.point_step, 4) if rows else None,
    )
    # values across word borders cannot be read by everything that follows
    return np.require(points.reshape(rows * columns, 3), requirements='A')


def _values(
    message: PointCloudMessage, field: PointFieldMessage, data: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """One field of all points, ``[n]``; a copy."""
    order = '>' if message.is_bigendian else '<'
    rows, columns = _shape(message)
    values: NDArray[np.generic] = np.ndarray(
        (rows, columns),
        np.dtype(order + _TYPES[field.datatype]),
        buffer=data,
        offset=field.offset if rows else 0,
        strides=(message.row_step, message.point_step) if rows else None,
    )
    with np.errstate(over='ignore', invalid='ignore'):
        return values.astype(np.float32).reshape(rows * columns)


def _shape(message: PointCloudMessage) -> tuple[int, int]:
    """Rows and columns; none of either if the cloud is empty, whatever the other says."""
    empty = message.height == 0 or message.width == 0
    return (0, 0) if empty else (message.height, message.width)
