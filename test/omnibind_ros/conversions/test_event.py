"""Packets one after the other: numbers, losses, restarts, encodings."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from evt3_reference import encode
from evt3_reference import Event
from hypothesis import given
from hypothesis import strategies as st
from message_doubles import containers
from message_doubles import EventPacket
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.event import EventPacketDecoder

START = [0x8001, 0x6005, 7, 0x3009]  # time 4101, row 7, base column 9
HIT = [0x2003]  # column 3


def packet(words: list[int], **fields: Any) -> EventPacket:
    data = np.array(words, '>u2' if fields.get('is_bigendian') else '<u2').tobytes()
    return EventPacket(events=data, **fields)


def listed(events: NDArray[np.void]) -> list[Event]:
    return [tuple(event) for event in events.tolist()]


@pytest.mark.parametrize('library', containers(b''))
@pytest.mark.parametrize('is_bigendian', [False, True])
def test_every_librarys_bytes_in_both_orders(library: str, is_bigendian: bool) -> None:
    message = packet(START + HIT, is_bigendian=is_bigendian)
    message.events = containers(message.events)[library]
    assert listed(EventPacketDecoder().decode(message).events) == [(3, 7, 0, 4101)]


def test_state_lasts_while_numbers_follow() -> None:
    decoder = EventPacketDecoder()
    decoder.decode(packet(START, seq=500))
    chunk = decoder.decode(packet(HIT, seq=501))
    assert listed(chunk.events) == [(3, 7, 0, 4101)]
    assert (decoder.lost, decoder.restarts) == (0, 0)


def test_after_a_loss_nothing_is_made_up() -> None:
    decoder = EventPacketDecoder()
    decoder.decode(packet(START, seq=1))
    assert len(decoder.decode(packet([*HIT, 0x5001], seq=4)).events) == 0
    assert decoder.lost == 2
    assert listed(decoder.decode(packet(START + HIT, seq=5)).events) == [(3, 7, 0, 4101)]
    assert decoder.restarts == 0


def test_wraps_are_counted_on_over_a_loss() -> None:
    decoder = EventPacketDecoder()
    decoder.decode(packet([0x8FFF, 0x6000], seq=1))
    chunk = decoder.decode(packet([0x8000, 0x6001, 7, *HIT], seq=9))
    assert listed(chunk.events) == [(3, 7, 0, 2**24 + 1)]


@pytest.mark.parametrize(
    'changes', [{'seq': 3}, {'seq': 500, 'width': 320}, {'seq': 500, 'height': 240}]
)
def test_a_camera_that_starts_again_is_read_afresh(changes: dict[str, int]) -> None:
    decoder = EventPacketDecoder()
    decoder.decode(packet([0x8FFF, 0x6000, *START], seq=499))
    assert len(decoder.decode(packet(HIT, **changes)).events) == 0
    assert (decoder.lost, decoder.restarts) == (0, 1)
    following = changes | {'seq': changes['seq'] + 1}
    assert listed(decoder.decode(packet(START + HIT, **following)).events) == [(3, 7, 0, 4101)]


def test_drivers_that_do_not_number_are_read_on() -> None:
    decoder = EventPacketDecoder()
    decoder.decode(packet(START, seq=0))
    for _ in range(3):
        assert listed(decoder.decode(packet(HIT, seq=0)).events) == [(3, 7, 0, 4101)]
    assert (decoder.lost, decoder.restarts) == (0, 0)


def test_mono_packets() -> None:
    word = 1 << 63 | 4 << 48 | 3 << 32 | 5000
    for order, is_bigendian in (('<', False), ('>', True)):
        message = EventPacket(
            encoding='mono',
            time_base=1_000_000,
            is_bigendian=is_bigendian,
            events=np.array([word], f'{order}u8').tobytes(),
        )
        assert listed(EventPacketDecoder().decode(message).events) == [(3, 4, 1, 1005)]


@pytest.mark.parametrize('encoding', ['', 'EVT3', 'evt2', 'trigger', 'libcaer', 'libcaer_cmp'])
def test_other_encodings_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setitem(sys.modules, 'event_camera_py', None)
    decoder = EventPacketDecoder()
    decoder.decode(packet(START, seq=1))
    with pytest.raises(InputError, match=f"encoding: got '{encoding}'; allowed: 'evt3' or 'mono'"):
        decoder.decode(EventPacket(encoding=encoding, seq=2))
    assert listed(decoder.decode(packet(HIT, seq=2)).events) == [(3, 7, 0, 4101)]


@pytest.mark.parametrize(
    ('changes', 'field'),
    [
        ({'width': 0}, 'width'),
        ({'width': 0, 'encoding': 'mono'}, 'width'),
        ({'height': 0}, 'height'),
        ({'width': 2**32 - 1}, 'width'),
        ({'height': 8193}, 'height'),
        ({'events': b'abc'}, 'events'),
        ({'events': [1, 2]}, 'events'),
        ({'encoding': 'mono', 'events': b'abcd'}, 'events'),
        ({'encoding': 'mono', 'time_base': 2**64 - 1}, 'time_base'),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        EventPacketDecoder().decode(EventPacket(**changes))
    assert caught.value.field == field


class CameraDecoder:
    """``event_camera_py.Decoder``: gives what it is told, and remembers what it was given."""

    times: tuple[list[int], ...] = ()
    error: Exception | None = None

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def decode_bytes(self, *arguments: Any) -> None:
        if self.error is not None:
            raise self.error
        self.calls.append(arguments)

    def get_cd_events(self) -> NDArray[np.void]:
        dtype = np.dtype(
            {'names': ['x', 'y', 'p', 't'], 'formats': ['<u2', '<u2', 'i1', '<i4'],
             'offsets': [0, 2, 4, 8], 'itemsize': 12}
        )  # fmt: skip
        times = self.times[len(self.calls) - 1]
        events = np.zeros(len(times), dtype)
        events['t'] = times
        events['x'] = np.arange(len(times))
        events['p'] = 1
        return events


@pytest.fixture
def camera_py(monkeypatch: pytest.MonkeyPatch) -> type[CameraDecoder]:
    module = ModuleType('event_camera_py')

    class Decoder(CameraDecoder):
        pass

    module.Decoder = Decoder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'event_camera_py', module)
    return Decoder


def caer(**fields: Any) -> EventPacket:
    return EventPacket(encoding='libcaer_cmp', events=b'\x01\x02', **fields)


def test_event_camera_py_reads_what_we_do_not(camera_py: type[CameraDecoder]) -> None:
    camera_py.times = (
        [5, 6],
        [],
    )
    decoder = EventPacketDecoder()
    chunk = decoder.decode(caer(seq=1, time_base=77))
    assert listed(chunk.events) == [(0, 0, 1, 5), (1, 0, 1, 6)]
    assert (chunk.begin_us, chunk.end_us) == (5, 6)
    empty = decoder.decode(caer(seq=2))
    assert (len(empty.events), empty.begin_us, empty.end_us) == (0, None, None)


def test_its_32_bit_times_go_on(camera_py: type[CameraDecoder]) -> None:
    camera_py.times = (
        [2**31 - 2, 2**31 - 1, -(2**31)],
        [-5, 0, 3],
        [-1, 2**31 - 1, -(2**31)],
    )
    decoder = EventPacketDecoder()
    times = [decoder.decode(caer(seq=seq)).events['t'].tolist() for seq in range(3)]
    turn = 2**32
    assert times == [
        [2**31 - 2, 2**31 - 1, 2**31],
        [turn - 5, turn, turn + 3],
        [turn - 1, turn + 2**31 - 1, turn + 2**31],
    ]


def test_its_events_outside_the_sensor_are_left_out(camera_py: type[CameraDecoder]) -> None:
    camera_py.times = ([1, 2, 3],)
    assert len(EventPacketDecoder().decode(caer(width=2)).events) == 2


def test_its_errors_become_ours(camera_py: type[CameraDecoder]) -> None:
    camera_py.error = RuntimeError('got unsupported code!')
    with pytest.raises(InputError, match=r'event_camera_py refuses \(got unsupported code!\)'):
        EventPacketDecoder().decode(caer())


def test_it_is_given_no_endless_packets(camera_py: type[CameraDecoder]) -> None:
    message = caer()
    message.events = np.zeros(16 * 2**20 + 1, np.uint8)
    with pytest.raises(InputError, match='<= 16777216 in a packet'):
        EventPacketDecoder().decode(message)


def test_it_is_asked_for_pixels_events_only(camera_py: type[CameraDecoder]) -> None:
    camera_py.times = ([1],)
    with pytest.raises(InputError, match="'trigger'; allowed: 'evt3' or 'mono'"):
        EventPacketDecoder().decode(EventPacket(encoding='trigger'))


@pytest.mark.parametrize('encoding', ['evt3', 'mono'])
def test_it_is_left_alone_where_it_is_not_needed(
    camera_py: type[CameraDecoder], encoding: str
) -> None:
    camera_py.error = AssertionError('not needed')
    EventPacketDecoder().decode(EventPacket(encoding=encoding))


SIDES = (0, 1, 5, 640, 640, 640, 8192, 8193, 2**32 - 1)
ENCODINGS = ('evt3', 'evt3', 'evt3', 'mono', 'mono', '', 'libcaer', '\N{CAMERA}')


@pytest.mark.malformed
@given(st.binary(max_size=240))
def test_any_packets_give_events_or_an_input_error(content: bytes) -> None:
    """Each packet takes 6 bytes for its fields and up to 34 of events from one draw."""
    decoder = EventPacketDecoder()
    seq = 0
    for start in range(0, len(content) - 6, 40):
        part = content[start : start + 40]
        seq = part[0] if part[0] > 250 else seq + part[0] % 3
        message = EventPacket(
            SIDES[part[1] % len(SIDES)],
            SIDES[part[2] % len(SIDES)],
            seq,
            part[3] << 56 if part[3] > 60 else part[3] << 40,
            ENCODINGS[part[4] % len(ENCODINGS)],
            bool(part[5] % 2),
            part[6 : len(part) - part[5] // 64],
        )
        try:
            chunk = decoder.decode(message)
        except InputError as error:
            assert error.field in ('width', 'height', 'encoding', 'events', 'time_base')
            continue
        events = chunk.events
        assert (events['x'] < message.width).all()
        assert (events['y'] < message.height).all()
        if len(events):
            assert chunk.begin_us is not None
            assert chunk.end_us is not None
            assert 0 <= chunk.begin_us <= events['t'].min()
            assert events['t'].max() <= chunk.end_us


def test_a_recording_comes_back_through_packets_of_any_size() -> None:
    rng = np.random.default_rng(0)
    time = np.cumsum(rng.integers(0, 2000, 20_000))  # more than a turn of 2^24 us
    events = [(int(rng.integers(640)), int(rng.integers(480)), int(t) % 2, int(t)) for t in time]
    words = encode(events, vectors=True)
    decoder, found, seq = EventPacketDecoder(), [], 0
    while words:
        size = int(rng.integers(0, 900))
        found += listed(decoder.decode(packet(words[:size], seq=seq)).events)
        words, seq = words[size:], seq + 1
    assert found == events
    assert found[-1][3] > 2**24
