"""EVT 3.0: what goes in comes out of two independent decoders."""

from __future__ import annotations

from collections.abc import Sequence

from evt3_reference import Event
from evt3_reference import ScalarDecoder
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.simulation.bag.evt3_encoder import encode_evt3
from omnibind_ros.conversions.evt3 import Evt3Decoder

WIDTH, HEIGHT = 1280, 720


def packed(events: Sequence[Event]) -> NDArray[np.void]:
    """Events as the encoder takes them."""
    found = np.array([tuple(event) for event in events], EVENT_DTYPE)
    return found[np.argsort(found['t'], kind='stable')]


@st.composite
def packets(draw: st.DrawFn) -> list[tuple[int, int, list[Event]]]:
    """Packets that follow each other, with rows of neighbours and single events."""
    time = draw(st.sampled_from([0, 4095, 4096, 2**24 - 700, 2**24 + 5, 2**30]))
    found = []
    for _ in range(draw(st.integers(1, 4))):
        length = draw(st.sampled_from([0, 1, 20, 1000, 9000, 20_000]))
        events: list[Event] = []
        for _ in range(draw(st.integers(0, 6)) if length else 0):
            t = time + draw(st.integers(1, length))
            y, p = draw(st.integers(0, HEIGHT - 1)), draw(st.integers(0, 1))
            first = draw(st.integers(0, WIDTH - 1))
            columns = draw(st.lists(st.integers(first, min(first + 40, WIDTH - 1)), max_size=25))
            events += [(x, y, p, t) for x in (first, *columns)]
        found.append((time, time + length, events))
        time += length
    return found


@given(packets())
def test_round_trip(given_packets: list[tuple[int, int, list[Event]]]) -> None:
    """Through the product's decoder and one written word by word; time goes on in silence."""
    decoder, reference = Evt3Decoder(width=WIDTH, height=HEIGHT), ScalarDecoder(WIDTH, HEIGHT)
    turns = given_packets[0][0] >> 24  # the format keeps 24 bits
    for begin, end, events in given_packets:
        data = encode_evt3(packed(events), begin, end)
        chunk = decoder.decode(data)
        base = turns << 24
        wanted = sorted((x, y, p, t - base) for x, y, p, t in events)
        assert sorted(chunk.events.tolist()) == wanted
        assert (chunk.events['t'][1:] >= chunk.events['t'][:-1]).all()
        assert (chunk.begin_us, chunk.end_us) == (begin - base, end - base)
        words = data.view('<u2').tolist()
        assert sorted(reference.decode(words)[0]) == wanted


@given(packets())
def test_each_packet_by_itself(given_packets: list[tuple[int, int, list[Event]]]) -> None:
    """A decoder that joins late, or lost what was before, reads the next one completely."""
    for begin, end, events in given_packets:
        chunk = Evt3Decoder(width=WIDTH, height=HEIGHT).decode(
            encode_evt3(packed(events), begin, end)
        )
        base = begin >> 24 << 24
        assert sorted(chunk.events.tolist()) == sorted((x, y, p, t - base) for x, y, p, t in events)


def test_neighbours_share_words() -> None:
    """Two words for the time, row, base and vector: 6 for 12 events; then one of 8, then one."""
    row = [(100 + x, 7, 1, 50) for x in (*range(12), 13, 15, 40)]
    words = encode_evt3(packed(row), 20, 50).view('<u2').tolist()
    assert words == [
        0x8000,
        0x6000 | 20,
        0x6000 | 50,
        0x0000 | 7,
        0x3000 | 0x800 | 100,
        0x4FFF,
        0x3000 | 0x800 | 113,
        0x5000 | 0b101,
        0x2000 | 0x800 | 140,
    ]


def test_silence() -> None:
    """Nothing but the time, at both ends."""
    words = encode_evt3(packed([]), 5000, 25_000).view('<u2').tolist()
    assert words == [0x8001, 0x6000 | 904, 0x8006, 0x6000 | 424]


@pytest.mark.parametrize(
    ('events', 'field'),
    [
        ([(1, 1, 0, 9)], 'events.t'),
        ([(1, 1, 0, 21)], 'events.t'),
        ([(2048, 1, 0, 15)], 'events.x'),
        ([(1, 2048, 0, 15)], 'events.y'),
        ([(1, 1, 2, 15)], 'events.p'),
    ],
)
def test_what_does_not_fit(events: list[Event], field: str) -> None:
    """Times outside the packet, coordinates beyond 11 bits, other polarities."""
    with pytest.raises(InputError) as caught:
        encode_evt3(packed(events), 10, 20)
    assert caught.value.field == field


def test_times_out_of_order() -> None:
    """Are refused, as is a packet that ends before it begins."""
    events = packed([(1, 1, 0, 12), (1, 1, 0, 14)])[::-1]
    with pytest.raises(InputError, match='out of order'):
        encode_evt3(events, 10, 20)
    with pytest.raises(InputError, match='packet'):
        encode_evt3(packed([]), 10, 9)
