"""Any layout of fields against values packed one by one with ``struct``."""

from __future__ import annotations

from array import array
import itertools
import struct
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from message_doubles import containers
from message_doubles import PointCloud2
from message_doubles import PointField
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.point_cloud import decode_intensity
from omnibind_ros.conversions.point_cloud import decode_points

LETTERS = {1: 'b', 2: 'B', 3: 'h', 4: 'H', 5: 'i', 6: 'I', 7: 'f', 8: 'd'}
NAMES = ('x', 'y', 'z', 'intensity')


def cloud(
    values: list[list[tuple[float, ...]]],
    types: tuple[int, ...],
    offsets: tuple[int, ...],
    *,
    point_step: int,
    row_padding: int = 0,
    big: bool = False,
    names: tuple[str, ...] = NAMES,
) -> PointCloud2:
    """A cloud of rows of points; bytes between and behind the fields are not zero."""
    order = '>' if big else '<'
    data = b''
    for row in values:
        for point in row:
            raw = bytearray(b'\xa5' * point_step)
            for value, kind, offset in zip(point, types, offsets, strict=True):
                struct.pack_into(order + LETTERS[kind], raw, offset, value)
            data += bytes(raw)
        data += b'\x5a' * row_padding
    fields = [
        PointField(name, offset, kind)
        for name, offset, kind in zip(names, offsets, types, strict=False)
    ]
    width = len(values[0]) if values else 0
    row_step = width * point_step + row_padding
    return PointCloud2(len(values), width, fields, big, point_step, row_step, data)


def random_value(kind: int, rng: np.random.Generator) -> float:
    """Any value of the type that float32 can tell (for doubles and 32 bits: nearly)."""
    if kind >= 7:
        return float(np.float32(rng.normal() * 100))
    size = struct.calcsize(LETTERS[kind])
    return int(struct.unpack('<' + LETTERS[kind], rng.bytes(size))[0])


@pytest.mark.parametrize('big', [False, True])
@pytest.mark.parametrize('row_padding', [0, 5])
@pytest.mark.parametrize('rows', [1, 3])
@pytest.mark.parametrize('kind', LETTERS)
def test_every_type_order_and_padding(kind: int, rows: int, row_padding: int, big: bool) -> None:
    rng = np.random.default_rng(kind)
    size = struct.calcsize(LETTERS[kind])
    values = [
        [tuple(random_value(kind, rng) for _ in range(4)) for _ in range(4)] for _ in range(rows)
    ]
    offsets = tuple(3 + index * size for index in (2, 0, 1, 3))  # unaligned and out of order
    made = cloud(
        values, (kind,) * 4, offsets, point_step=4 * size + 9, row_padding=row_padding, big=big
    )
    for container in containers(made.data).values():
        made.data = container
        points, intensity = decode_points(made), decode_intensity(made)
        assert intensity is not None
        flat = list(itertools.chain.from_iterable(values))
        assert points.tolist() == [[float(np.float32(v)) for v in point[:3]] for point in flat]
        assert intensity.tolist() == [float(np.float32(point[3])) for point in flat]
        assert points.dtype == intensity.dtype == np.float32
        assert points.flags.aligned
        assert not points.flags.writeable
        assert not intensity.flags.writeable


def test_mixed_types() -> None:
    values = [[(1.5, -2, 3.25, 200), (-0.5, 7, 1e6, 0)]]
    made = cloud(values, (8, 3, 7, 2), (0, 8, 12, 16), point_step=20)
    assert decode_points(made).tolist() == [[1.5, -2.0, 3.25], [-0.5, 7.0, 1e6]]
    assert decode_intensity(made).tolist() == [200.0, 0.0]


@pytest.mark.parametrize('rows', [1, 3])
@pytest.mark.parametrize('point_step', [12, 16, 32])
@pytest.mark.parametrize('offset', [0, 4])
def test_no_copy_where_the_layout_allows_it(rows: int, point_step: int, offset: int) -> None:
    if offset + 12 > point_step:
        point_step += 4
    values = [[(row, column, 0.5) for column in range(5)] for row in range(rows)]
    made = cloud(values, (7, 7, 7), (offset, offset + 4, offset + 8), point_step=point_step)
    made.data = array('B', made.data)
    points = decode_points(made)
    assert np.shares_memory(points, np.frombuffer(made.data, np.uint8))
    assert points.tolist() == [list(point) for row in values for point in row]


@pytest.mark.parametrize(('offset', 'point_step'), [(1, 16), (0, 13)])
def test_values_across_word_borders_are_copied(offset: int, point_step: int) -> None:
    values = [[(1.5, 2.5, 3.5), (4.5, 5.5, 6.5)]]
    made = cloud(values, (7, 7, 7), (offset, offset + 4, offset + 8), point_step=point_step)
    points = decode_points(made)
    assert points.flags.aligned
    assert points.tolist() == [list(point) for point in values[0]]


def test_endless_fields_are_refused() -> None:
    fields = [PointField(f'field_{index}', 0) for index in range(998)]
    made = broken(fields=[*XYZ, *fields])
    for decode in (decode_points, decode_intensity):
        with pytest.raises(InputError, match='1001 fields; allowed: <= 1000 fields'):
            decode(made)
    made.fields.pop()
    assert decode_points(made).shape == (6, 3)


def test_what_is_not_finite_is_kept() -> None:
    values = [[(float('nan'), float('inf'), -float('inf')), (0.0, 1.0, 2.0)]]
    for big in (False, True):
        made = cloud(values, (7, 7, 7), (0, 4, 8), point_step=12, big=big)
        np.testing.assert_equal(decode_points(made), np.array(values[0], np.float32))


@pytest.mark.filterwarnings('error')
def test_doubles_beyond_float32_become_infinite_without_a_warning() -> None:
    made = cloud([[(1e300, -1e300, 1e-300)]], (8, 8, 8), (0, 8, 16), point_step=24)
    assert decode_points(made).tolist() == [[np.inf, -np.inf, 0.0]]


@pytest.mark.parametrize(('height', 'width'), [(0, 0), (1, 0), (0, 7), (2**32 - 1, 0)])
@pytest.mark.parametrize('kind', [7, 8])
def test_a_cloud_without_points_is_one(height: int, width: int, kind: int) -> None:
    fields = [PointField(name, 8 * index, kind) for index, name in enumerate(NAMES)]
    made = PointCloud2(height, width, fields, False, 32, 0, b'')
    assert decode_points(made).shape == (0, 3)
    assert decode_intensity(made).shape == (0,)


def test_intensity_is_optional_and_may_be_called_anything() -> None:
    names = ('x', 'y', 'z', 'reflectivity')
    made = cloud([[(1.0, 2.0, 3.0, 9)]], (7, 7, 7, 4), (0, 4, 8, 12), point_step=14, names=names)
    assert decode_intensity(made) is None
    assert decode_intensity(made, 'reflectivity').tolist() == [9.0]


def test_fields_that_nobody_reads_may_be_anything() -> None:
    made = cloud([[(1.0, 2.0, 3.0)]], (7, 7, 7), (0, 4, 8), point_step=12)
    made.fields += [PointField('rgb', 500, 99, 7), PointField('rgb', 0, 0, 0), PointField('', 1)]
    assert decode_points(made).tolist() == [[1.0, 2.0, 3.0]]


def broken(**changes: object) -> PointCloud2:
    made = cloud([[(1.0, 2.0, 3.0, 4.0)] * 3] * 2, (7,) * 4, (0, 4, 8, 12), point_step=16)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


XYZ = [PointField(name, 4 * index) for index, name in enumerate('xyz')]


@pytest.mark.parametrize(
    ('made', 'field'),
    [
        (broken(fields=[]), 'fields'),
        (broken(fields=XYZ[:2]), 'fields'),
        (broken(fields=[*XYZ, PointField('y', 4)]), 'fields'),
        (broken(fields=[*XYZ[:2], PointField('z', 13)]), 'fields.z.offset'),
        (broken(fields=[*XYZ[:2], PointField('z', 2**32 - 1)]), 'fields.z.offset'),
        (broken(fields=[*XYZ[:2], PointField('z', 8, 9)]), 'fields.z.datatype'),
        (broken(fields=[*XYZ[:2], PointField('z', 8, 0)]), 'fields.z.datatype'),
        (broken(fields=[*XYZ[:2], PointField('z', 8, 7, 2)]), 'fields.z.count'),
        (broken(fields=[*XYZ[:2], PointField('z', 8, 7, 0)]), 'fields.z.count'),
        (broken(point_step=11), 'fields.z.offset'),
        (broken(point_step=0), 'fields.x.offset'),
        (broken(row_step=47), 'row_step'),
        (broken(row_step=0), 'row_step'),
        (broken(width=4), 'row_step'),
        (broken(height=3), 'data'),
        (broken(data=bytes(95)), 'data'),
        (broken(data=[0.0] * 96), 'data'),
        (broken(height=-1), 'height x width'),
    ],
)
def test_what_does_not_fit_is_named(made: PointCloud2, field: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_points(made)
    assert caught.value.field == field


def test_a_broken_intensity_is_named() -> None:
    made = broken(fields=[*XYZ, PointField('intensity', 12, 8)])
    assert decode_points(made).shape == (6, 3)
    with pytest.raises(InputError, match=r'fields\.intensity\.offset'):
        decode_intensity(made)


@pytest.mark.parametrize('kind', [7, 8])
def test_nothing_is_allocated_for_points_that_are_not_there(kind: int) -> None:
    fields = [PointField(name, 8 * index, kind) for index, name in enumerate('xyz')]
    made = PointCloud2(2**32 - 1, 2**32 - 1, fields, True, 24, 2**32 - 1, bytes(1000))
    tracemalloc.start()
    with pytest.raises(InputError):
        decode_points(made)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


SIZES = (*range(20), 24, 32, 48, 2**16, 2**31, 2**32 - 1)


@pytest.mark.malformed
@given(st.binary(min_size=20, max_size=400))
def test_any_message_gives_points_or_an_input_error(content: bytes) -> None:
    """One draw for all fields keeps an example cheap."""
    numbers = [SIZES[byte % len(SIZES)] for byte in content[:8]]
    height, width, point_step, row_step, *offsets = numbers
    kinds = [byte % 10 for byte in content[8:12]]
    counts = [1 if byte < 230 else byte - 230 for byte in content[12:16]]
    names = [(*NAMES, 'x', '')[byte % 6] if byte > 200 else NAMES[i]
             for i, byte in enumerate(content[16:20])]  # fmt: skip
    if content[19] % 2:  # most steps taken at random fit nothing
        point_step = max(offsets) + 8 if max(offsets) < 100 else point_step
        row_step = width * point_step if width < 100 else row_step
    fields = list(map(PointField, names, offsets, kinds, counts))
    data = content[20:]
    made = PointCloud2(height, width, fields, bool(content[7] % 2), point_step, row_step, data)
    for decode in (decode_points, decode_intensity):
        try:
            found = decode(made)
        except InputError as error:
            assert error.field.split('.')[0] in ('fields', 'row_step', 'data')
            continue
        if found is not None:
            assert len(found) == height * width <= len(data)
            found.sum(dtype=np.float64)  # every value can be read


LAYOUTS = [(7, 7, 7), (8, 8, 8), (3, 3, 3)]


@pytest.mark.parametrize('types', LAYOUTS)
@pytest.mark.parametrize('big', [False, True])
def test_parity_with_sensor_msgs_py(types: tuple[int, ...], big: bool) -> None:
    theirs = pytest.importorskip('sensor_msgs_py.point_cloud2')
    messages = pytest.importorskip('sensor_msgs.msg')
    rng = np.random.default_rng(2)
    values = [[tuple(random_value(types[0], rng) for _ in range(3)) for _ in range(40)]]
    size = struct.calcsize(LETTERS[types[0]])
    ours = cloud(values, types, (4, 4 + size, 4 + 2 * size), point_step=5 + 3 * size, big=big)
    message = messages.PointCloud2(
        height=ours.height,
        width=ours.width,
        fields=[
            messages.PointField(name=f.name, offset=f.offset, datatype=f.datatype, count=f.count)
            for f in ours.fields
        ],
        is_bigendian=big,
        point_step=ours.point_step,
        row_step=ours.row_step,
    )
    message.data = array('B', ours.data)
    points = decode_points(message).copy()  # sensor_msgs_py swaps bytes inside the message
    expected = theirs.read_points_numpy(message, ['x', 'y', 'z'])
    np.testing.assert_array_equal(points, expected.astype(np.float32))
