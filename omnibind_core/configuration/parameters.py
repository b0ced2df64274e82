"""The parameters of the nodes, described once, for ROS descriptors and for `check-config`."""

from __future__ import annotations

from dataclasses import dataclass

from omnibind_core.configuration.option import option
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.streaming.config import WindowConfig

BACKENDS = ('auto', 'tensorrt', 'onnxruntime')


@dataclass(frozen=True, kw_only=True)
class EncoderParameters:
    """What an encoder node needs to know about its sensor and its model."""

    modality: str = option(text='Kind of data this sensor delivers.', choices=SENSOR_NAMES)
    bundle: str = option(text='Folder of the model bundle.')
    topic: str = option('input', "The sensor's topic, relative to the namespace.")
    transport: str = option(
        'raw',
        'raw: sensor_msgs/Image; compressed: sensor_msgs/CompressedImage. Pictures only.',
        choices=('raw', 'compressed'),
    )
    reliability: str = option(
        'best_effort',
        'best_effort hears any publisher; reliable resends losses, but hears reliable ones only.',
        choices=('best_effort', 'reliable'),
    )
    max_rate: float = option(
        10.0,
        'Encode at most this often, on a grid of the stamps; 0: every message.',
        unit='Hz',
        minimum=0.0,
        maximum=1000.0,
        live=True,
    )
    stamp_source: str = option(
        'header',
        "header: the driver's stamp; arrival: when the message came, for drivers without stamps.",
        choices=('header', 'arrival'),
    )
    stamp_offset: float = option(
        0.0,
        'Added to every stamp, for a sensor whose clock or exposure is known to be off.',
        unit='s',
        minimum=-10.0,
        maximum=10.0,
        live=True,
    )
    enabled: bool = option(True, 'False: listen, but encode nothing.', live=True)
    backend: str = option('auto', 'What runs the model.', choices=BACKENDS)
    autostart: bool = option(True, 'Configure and activate by itself when started or restarted.')


@dataclass(frozen=True, kw_only=True)
class FusionParameters(WindowConfig):
    """What the fusion node needs: the adaptive window's settings and its own."""

    bundle: str = option(text='Folder of the model bundle.')
    top_k: int = option(
        5, 'How many classes a recognition lists.', minimum=1, maximum=100, live=True
    )
    abstain_below: float = option(
        0.0,
        'Abstain when the best class is less probable than this; 0: the threshold of the bundle.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    publish_embedding: bool = option(False, 'Put the fused embedding into each message.', live=True)
    autostart: bool = option(True, 'Configure and activate by itself when started or restarted.')
