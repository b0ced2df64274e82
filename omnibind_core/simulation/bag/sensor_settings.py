"""How each of the robot's sensors is set up: how often it speaks, how late, how finely."""

from __future__ import annotations

from dataclasses import dataclass

from omnibind_core.configuration.option import option


@dataclass(frozen=True, kw_only=True)
class Timing:
    """When a sensor's messages are taken, stamped and received.

    A reading is taken on a grid with some jitter, stamped by the sensor's own clock, which is off
    by an offset, and received some latency later. The bag's times are those of reception.
    """

    rate: float = option(10.0, 'Messages a second.', unit='Hz', minimum=0.1, maximum=1000.0)
    jitter_ms: float = option(
        0.0,
        'Standard deviation of when a picture or scan is taken against an even grid; for a '
        'stretch of sound or events, which lie on the grid, of its stamp.',
        unit='ms',
        minimum=0.0,
        maximum=100.0,
    )
    clock_offset_ms: float = option(
        0.0,
        "The sensor's clock against the robot's: added to every stamp.",
        unit='ms',
        minimum=-900.0,
        maximum=900.0,
    )
    latency_ms: float = option(
        0.0,
        'From the end of what is sensed to its reception, at least.',
        unit='ms',
        minimum=0.0,
        maximum=1000.0,
    )
    latency_jitter_ms: float = option(
        0.0,
        'Standard deviation of the normal distribution whose absolute value is added to that.',
        unit='ms',
        minimum=0.0,
        maximum=1000.0,
    )
    plugged_in: float = option(
        0.0, 'When it is plugged in, after the begin of the bag.', unit='s', minimum=0.0
    )


@dataclass(frozen=True, kw_only=True)
class CameraSettings(Timing):
    """A colour camera that sends JPEG files."""

    width: int = option(320, 'Picture width.', unit='px', minimum=16, maximum=1920)
    height: int = option(240, 'Picture height.', unit='px', minimum=16, maximum=1920)
    quality: int = option(80, 'Of the JPEG files.', minimum=1, maximum=95)
    renders: float = option(
        0.0,
        'Most times a second that the scene is drawn; pictures in between show the last one with '
        'noise of their own. 0: for every picture.',
        unit='Hz',
        minimum=0.0,
        maximum=1000.0,
    )


@dataclass(frozen=True, kw_only=True)
class ThermalSettings(Timing):
    """A radiometric thermal camera that sends 16-bit pictures, 0.01 K a count."""

    width: int = option(80, 'Picture width.', unit='px', minimum=16, maximum=640)
    height: int = option(60, 'Picture height.', unit='px', minimum=12, maximum=512)


@dataclass(frozen=True, kw_only=True)
class EventCameraSettings(Timing):
    """An event camera that sends packets in the encoding EVT 3.0; ``rate`` is of packets."""

    width: int = option(128, 'Sensor width.', unit='px', minimum=16, maximum=1280)
    height: int = option(128, 'Sensor height.', unit='px', minimum=16, maximum=1280)
    threshold: float = option(
        0.35,
        'Change of the natural logarithm of the light that makes an event; the larger, the fewer.',
        minimum=0.05,
        maximum=2.0,
    )
    most_rate: float = option(
        20_000.0,
        "What the camera's event rate controller lets through; in a packet with more, events are "
        'dropped at random.',
        unit='events/s',
        minimum=100.0,
        maximum=1e8,
    )
    renders: float = option(
        50.0,
        'Times a second that the scene is drawn; between, the logarithm of the light is taken to '
        'change evenly.',
        unit='Hz',
        minimum=2.0,
        maximum=2000.0,
    )


@dataclass(frozen=True, kw_only=True)
class LidarSettings(Timing):
    """A scanning range sensor whose driver crops clouds to the thing."""

    points: int = option(
        1024,
        'Points of a cloud; fewer only where a thing is too small or too thin.',
        unit='points',
        minimum=16,
        maximum=500_000,
    )
    step: float = option(
        0.35, 'Angle between rays, both ways.', unit='degrees', minimum=0.02, maximum=5.0
    )


@dataclass(frozen=True, kw_only=True)
class MicrophoneSettings(Timing):
    """A microphone that sends 16-bit samples; ``rate`` is of messages."""


@dataclass(frozen=True, kw_only=True)
class FingertipSettings(Timing):
    """A tactile fingertip that sends JPEG files only while it touches, and a little around that."""

    width: int = option(160, 'Picture width.', unit='px', minimum=32, maximum=640)
    height: int = option(120, 'Picture height.', unit='px', minimum=24, maximum=480)
    quality: int = option(90, 'Of the JPEG files.', minimum=1, maximum=95)
    warm_up: float = option(
        2.0,
        'How long it sends after it is plugged in, without touching anything: the gel without '
        'contact is learnt from that.',
        unit='s',
        minimum=0.0,
        maximum=60.0,
    )
    lead: float = option(
        0.4, 'How long it sends before and after each touch.', unit='s', minimum=0.0, maximum=10.0
    )
