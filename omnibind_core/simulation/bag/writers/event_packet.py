"""``event_camera_msgs/EventPacket``: packets of events in the encoding ``evt3``."""

from __future__ import annotations

from typing import Any

from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.simulation.bag.evt3_encoder import encode_evt3
from omnibind_core.simulation.bag.writers.messages import Messages


class EventPackets:
    """Numbers and serialises the packets of one camera since it was started.

    :param origin: when it was started, microseconds on the clock of the events: its own clock
        begins there, as does the number of the packets.
    """

    def __init__(self, origin: int) -> None:
        self.origin = origin
        self._next = 0

    def packet(self, messages: Messages, header: Any, events: EventSlice, begin: int) -> bytes:
        """The next message, serialised.

        :param events: of the packet, in order of time; its end is the packet's.
        :param begin: of the packet, microseconds on the clock of the events.
        """
        own = events.events.copy()
        own['t'] -= self.origin
        data = encode_evt3(own, begin - self.origin, events.end_us - self.origin)
        number, self._next = self._next, self._next + 1
        return messages.serialised(
            'event_camera_msgs/msg/EventPacket',
            header=header,
            height=events.height,
            width=events.width,
            seq=number,
            time_base=0,  # evt3 has its own
            encoding='evt3',
            is_bigendian=False,
            events=data,
        )
