"""``event_camera_msgs/EventPacket``: events out of a camera's packets."""

from __future__ import annotations

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import LONGEST_SIDE
from omnibind_core.streaming.event_chunk import EventChunk
from omnibind_ros.conversions.byte_view import byte_view
from omnibind_ros.conversions.event_camera_py_adapter import event_camera_py_decoder
from omnibind_ros.conversions.event_camera_py_adapter import EventCameraPyDecoder
from omnibind_ros.conversions.event_mono import decode_mono
from omnibind_ros.conversions.evt3 import Evt3Decoder
from omnibind_ros.conversions.messages import EventPacketMessage


class EventPacketDecoder:
    """Decodes the packets of one camera one after the other.

    Encodings ``evt3`` and ``mono`` are decoded here, ``libcaer`` and ``libcaer_cmp`` by
    ``event_camera_py`` where it is installed. A packet whose number does not follow the last
    one's means that some were lost (the decoder finds its place again, which takes some
    microseconds of events), or, when it is smaller, that the camera started afresh. Equal numbers
    are of drivers and converters that do not count.

    :ivar lost: packets missing so far, by their numbers.
    :ivar restarts: how often the numbers stepped back, or encoding or size of the sensor changed.
    """

    def __init__(self) -> None:
        self.lost = 0
        self.restarts = 0
        self._stream: tuple[str, int, int] | None = None
        self._next = 0
        self._evt3: Evt3Decoder | None = None
        self._adapter: EventCameraPyDecoder | None = None

    def decode(self, message: EventPacketMessage) -> EventChunk:
        """The events of the next packet, and the sensor time that it covers.

        :return: times in microseconds on the sensor's clock, which has nothing to do with ROS
            time: ``header.stamp`` belongs to the begin of the packet.
        :raises InputError: for another encoding, no size of the sensor, or damaged data.
        """
        for name, side in (('width', message.width), ('height', message.height)):
            if not 1 <= side <= LONGEST_SIDE:
                raise InputError(name, side, f'1 to {LONGEST_SIDE} px')
        data = byte_view(message.events, 'events')
        self._follow(message)
        big_endian = bool(message.is_bigendian)
        if self._evt3 is not None:
            return self._evt3.decode(data, big_endian=big_endian)
        if self._adapter is not None:
            return self._adapter.decode(
                data,
                encoding=message.encoding,
                time_base=message.time_base,
                width=message.width,
                height=message.height,
            )
        return decode_mono(
            data,
            time_base=message.time_base,
            width=message.width,
            height=message.height,
            big_endian=big_endian,
        )

    def _follow(self, message: EventPacketMessage) -> None:
        """Bring the decoder to the state in which this packet can be read."""
        stream = (message.encoding, message.width, message.height)
        if stream != self._stream or message.seq < self._next - 1:
            self._start(*stream)
            self.restarts += self._stream is not None
            self._stream = stream
        elif message.seq > self._next:
            self.lost += message.seq - self._next
            if self._evt3 is not None:
                self._evt3.resynchronise()
        self._next = message.seq + 1

    def _start(self, encoding: str, width: int, height: int) -> None:
        evt3 = Evt3Decoder(width=width, height=height) if encoding == 'evt3' else None
        adapter = None
        if encoding not in ('evt3', 'mono'):
            adapter = event_camera_py_decoder() if encoding in ('libcaer', 'libcaer_cmp') else None
            if adapter is None:
                allowed = "'evt3' or 'mono'; 'libcaer' and 'libcaer_cmp' where event_camera_py is"
                raise InputError('encoding', repr(encoding), f'{allowed} installed')
        self._evt3, self._adapter = evt3, adapter
