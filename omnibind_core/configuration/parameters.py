"""The parameters of the nodes, described once, for ROS descriptors and for `check-config`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.inference.tensorrt.settings import PRECISIONS
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.streaming.config import WindowConfig

BACKENDS = ('auto', 'tensorrt', 'onnxruntime')
SYNC_MODES = ('adaptive', 'approximate', 'exact')


@dataclass(frozen=True, kw_only=True)
class EncoderParameters:
    """What an encoder node needs to know about its sensor and its model."""

    modality: str = option(text='Kind of data that this sensor delivers.', choices=SENSOR_NAMES)
    bundle: str = option(
        text='Folder of the model bundle: encoders and fusion that were trained together.'
    )
    topic: str = option(
        'input', "The driver's topic; one without a leading / is relative to the namespace."
    )
    info_topic: str = option(
        '',
        'Topic of the AudioInfo that says how the sound is coded (audio only); empty: audio_info '
        'beside the topic.',
    )
    transport: str = option(
        'raw',
        'How pictures come: raw (sensor_msgs/Image) or compressed (sensor_msgs/CompressedImage); '
        'other kinds of data: raw.',
        choices=('raw', 'compressed'),
    )
    reliability: str = option(
        'best_effort',
        'Quality of service of the subscription. best_effort hears any publisher; reliable has '
        'lost messages resent, but hears only publishers that are reliable themselves.',
        choices=('best_effort', 'reliable'),
    )
    max_rate: float = option(
        10.0,
        'Encode at most this often, on a grid of the stamps; 0: every message. Lower it where '
        'the processor is short; audio and events: how often a span is made of what came.',
        unit='Hz',
        minimum=0.0,
        maximum=1000.0,
        live=True,
    )
    stamp_source: str = option(
        'header',
        "What a reading's time is taken from. header: the driver's stamp; arrival: when the "
        'message came, for drivers without stamps.',
        choices=('header', 'arrival'),
    )
    stamp_offset: float = option(
        0.0,
        'Added to every stamp, for a sensor whose clock or exposure is known to be off; negative '
        'where its clock is ahead.',
        unit='s',
        minimum=-10.0,
        maximum=10.0,
        live=True,
    )
    enabled: bool = option(
        True, 'Whether it encodes. False: it listens, but says nothing.', live=True
    )
    backend: str = option(
        'auto',
        'What runs the model. auto: TensorRT where it and a GPU are found, else ONNX Runtime.',
        choices=BACKENDS,
    )
    precision: str = option(
        'fp32',
        'Numbers that TensorRT computes with; fp16 is faster on most GPUs. ONNX Runtime: always '
        'fp32.',
        choices=PRECISIONS,
    )
    diagnostics_period: float = option(
        1.0,
        'Time between two messages on /diagnostics; 0: none.',
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    warn_rate: float = option(
        0.0,
        'Diagnostics warn when there are fewer embeddings a second than this; 0: never.',
        unit='Hz',
        minimum=0.0,
        maximum=1000.0,
        live=True,
    )
    warn_encode: float = option(
        0.1,
        "Diagnostics warn when the model's run takes longer (99th percentile); 0: never.",
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    warn_refused: float = option(
        0.05,
        'Diagnostics warn when more than this share of the messages is refused; 1: never.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    silent_after: float = option(
        5.0,
        'Warn when nothing has arrived for so long although somebody publishes; 0: never, for a '
        'sensor that speaks only now and then.',
        unit='s',
        minimum=0.0,
        maximum=86_400.0,
        live=True,
    )
    error_stuck: float = option(
        5.0,
        'Diagnostics report an error when one message has been worked on for so long; 0: never.',
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    autostart: bool = option(
        True,
        'Configure and activate by itself when started or restarted; False: wait to be told '
        '(ros2 lifecycle set).',
    )


@dataclass(frozen=True, kw_only=True)
class FusionParameters(WindowConfig):
    """What the fusion node needs: the adaptive window's settings and its own."""

    bundle: str = option(
        text='Folder of the model bundle: encoders and fusion that were trained together.'
    )
    top_k: int = option(
        5,
        'How many classes a recognition lists, best first.',
        unit='classes',
        minimum=1,
        maximum=100,
        live=True,
    )
    abstain_below: float = option(
        0.0,
        'Abstain when the best class is less probable than this; 0: the threshold of the bundle. '
        'Higher: fewer answers, more of them right.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    publish_embedding: bool = option(
        False, 'Put the fused embedding into each message, for those who compare by it.', live=True
    )
    disabled_sensors: tuple[str, ...] = option(
        (),
        "Sensors that take part in nothing, as long as they are listed here; [''] lists none.",
        live=True,
    )
    sync: str = option(
        'adaptive',
        'How vectors are brought together. adaptive: windows of whatever arrives; approximate, '
        'exact: the synchronizers of message_filters over sync_sensors, which say nothing while '
        'one of these is silent.',
        choices=SYNC_MODES,
    )
    sync_sensors: tuple[str, ...] = option(
        (), 'The fixed list of sensors that sync approximate or exact waits for; two at least.'
    )
    sync_queue: int = option(
        10,
        'How many of each sensor the synchronizer of sync keeps.',
        unit='vectors',
        minimum=1,
        maximum=1000,
    )
    sync_slop: float = option(
        0.08,
        'Largest difference of the stamps in one set of sync approximate.',
        unit='s',
        minimum=0.001,
        maximum=10.0,
    )
    arrival_trace: str = option(
        '',
        'File that records every vector, when it came, and which windows closed, as lines of JSON, '
        'to be replayed; at most 256 MB, about an hour of six sensors. A file that exists is kept '
        'and a number added. Empty: nothing is recorded.',
    )
    overlay_topic: str = option(
        '',
        'Topic of the picture under the overlay, as the driver names it; empty: an overlay without '
        'a picture.',
    )
    overlay_transport: str = option(
        'raw',
        'How the picture of overlay_topic comes: raw (sensor_msgs/Image) or compressed '
        '(sensor_msgs/CompressedImage).',
        choices=('raw', 'compressed'),
    )
    overlay_rate: float = option(
        5.0,
        'Draw the overlay at most this often, and only while somebody subscribes to it.',
        unit='Hz',
        minimum=0.1,
        maximum=60.0,
        live=True,
    )
    diagnostics_period: float = option(
        1.0,
        'Time between two messages on /diagnostics; 0: none.',
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    warn_rate: float = option(
        0.0,
        'Diagnostics warn when there are fewer recognitions a second than this; 0: never.',
        unit='Hz',
        minimum=0.0,
        maximum=1000.0,
        live=True,
    )
    warn_latency: float = option(
        1.0,
        'Diagnostics warn when recognitions come later than this after their stamp (99th '
        'percentile); 0: never.',
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    warn_refused: float = option(
        0.05,
        'Diagnostics warn when more than this share of the vectors is refused; 1: never.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    error_silence: float = option(
        5.0,
        'Diagnostics report an error when vectors come but no recognition for this long; 0: never.',
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    autostart: bool = option(
        True,
        'Configure and activate by itself when started or restarted; False: wait to be told '
        '(ros2 lifecycle set).',
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        names = Counter(self.sync_sensors)
        if self.sync != 'adaptive' and (len(names) < 2 or max(names.values()) > 1):
            raise ConfigError(
                'fusion',
                [
                    Problem(
                        'sync_sensors',
                        repr(list(self.sync_sensors)),
                        f'two sensors or more, each once, with sync: {self.sync}',
                    )
                ],
            )
