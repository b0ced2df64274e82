"""Scenario `latency`: publish -> embedding, beside the same work without ROS and DDS alone.

The three are timed in turn for one message after the other, so that whatever else the machine
does bears on all of them alike. Each follows the same pause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
import json
import time
from typing import Any

from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy

from omnibind.msg import Embedding
from omnibind_core.cli.progress import Progress
from omnibind_core.configuration.robot import Encoder
from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_core.evaluation.live.outcome import Target
from omnibind_core.evaluation.live.spread import Spread
from omnibind_core.evaluation.live.spread import spread
from omnibind_core.inference.bundle import open_bundle
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.encoder_node import beside
from omnibind_ros.live_benchmark.bag_messages import bag_messages
from omnibind_ros.live_benchmark.bag_messages import BagMessages
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.live_benchmark.echo import ANSWERS
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.qos import LATCHED_QOS
from omnibind_ros.sensor_input import sensor_input
from omnibind_ros.sensor_input import type_name
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.stage import Stage
from omnibind_ros.stage.stage import START_TIMEOUT

RATE = 20.0  # messages a second
ALLOWED = 1.25  # times the work without ROS, beside DDS
ANSWER_WITHIN = 2.0  # s; best effort may lose one
WARM_UP = 5  # messages that are not counted
_PARTS = ('waiting', 'decode', 'preprocess', 'encode', 'publish', 'in node')


def latency(bench: Bench) -> Outcome:
    """Measure each modality by itself."""
    figures: dict[str, Any] = {}
    targets, notes = [], []
    for kind in bench.modalities:
        found = _Modality(bench, bench.sensor(kind)).measure()
        figures[kind] = found
        targets.append(
            Target(f'{kind} live / (1.25 local + DDS), p50', round(found['ratio'], 3), 1.0)
        )
        notes.append(
            f'{kind} ({found["bytes"]} bytes, {found["messages"]} messages): live p50 '
            f'{found["live_ms_p50"]:.2f} ms, p99 {found["live_ms_p99"]:.2f} ms; local '
            f'{found["local_ms_p50"]:.2f} ms (decode {_part(found, "decode")}, preprocess '
            f'{_part(found, "preprocess")}, model {_part(found, "encode")}); DDS alone '
            f'{found["dds_ms_p50"]:.2f} ms; lost {found["lost"]}'
        )
    return Outcome('latency', figures, targets, notes)


def _part(found: dict[str, Any], name: str) -> str:
    value = found['local_parts_ms_p50'].get(name)
    return '-' if value is None else f'{value:.2f}'


class _Modality:
    """One modality's encoder, its echo, and its local counterpart."""

    def __init__(self, bench: Bench, sensor: Encoder) -> None:
        self._bench = bench
        self._sensor = sensor
        self._kind = sensor.parameters.modality
        self._live: list[float] = []
        self._way_there: list[float] = []
        self._dds: list[float] = []
        self._local: dict[str, list[float]] = defaultdict(list)
        self._lost = 0

    def measure(self) -> dict[str, Any]:
        """All figures, ms.

        :raises InVainError: too few messages were answered.
        """
        number = self._bench.messages + WARM_UP
        messages = bag_messages(self._bench.bag, self._sensor.parameters.topic, number + 100)
        with Stage(self._bench) as stage:
            publish, publish_echo, local = self._start(stage, messages)
            echoes = stage.probe.hear(Embedding, ANSWERS, EMBEDDINGS_QOS)
            self._time_all(stage, messages, publish, publish_echo, local, echoes)
            before = len(self._live)
            parts = self._node_parts(stage)
        live, local_ms = spread(self._live), spread(self._local['total'])
        dds = spread(self._dds)
        return {
            'messages': before,
            'lost': self._lost,
            'bytes': messages.size,
            'rate_hz': RATE,
            **live.figures('live_ms'),
            **local_ms.figures('local_ms'),
            **dds.figures('dds_ms'),
            'ratio': live.p50 / (ALLOWED * local_ms.p50 + dds.p50),
            'local_parts_ms_p50': {
                name: round(spread(values).p50, 4)
                for name, values in self._local.items()
                if name != 'total'
            },
            'live_parts': {'to the node ms': self._named(spread(self._way_there)), **parts},
        }

    def _start(
        self, stage: Stage, messages: BagMessages
    ) -> tuple[Callable[[bytes], int], Callable[[bytes], int], Any]:
        """Start all three; how to publish to the encoder and to the echo, and the local one."""
        bench, sensor = self._bench, self._sensor
        entry = sensor_input(self._kind, sensor.parameters.transport)
        stage.encoder(sensor, topic='bench_live', max_rate=0.0, silent_after=0.0)
        if self._kind == 'audio':
            where = sensor.parameters.info_topic or beside(sensor.parameters.topic, 'audio_info')
            info = bag_messages(bench.bag, where, 1)
            stage.probe.publisher(info.kind, where, LATCHED_QOS).publish(info.data[0])
        dimension = open_bundle(bench.bundle).manifest.dimension
        reliability = sensor.parameters.reliability
        name = type_name(messages.kind)
        words = (name, 'bench_echo', reliability, str(entry.depth), str(dimension))
        stage.tool(f'{__package__}.echo', *words)
        given = (bench.bundle, bench.bag, bench.parameters, sensor.name, len(messages.data))
        local = stage.tool(f'{__package__}.local_encoder', *(str(word) for word in given))
        stage.active(sensor.name)
        local.wait_for_line('ready', START_TIMEOUT)
        if self._kind == 'audio':
            stage.wait(
                lambda: stage.status(sensor.name).get('audio format', '').endswith('channels'),
                'the audio format to be known',
            )
        quality = QoSProfile(depth=5, reliability=ReliabilityPolicy[reliability.upper()])
        publishers = [
            stage.probe.publisher(messages.kind, topic, quality)
            for topic in ('bench_live', 'bench_echo')
        ]
        for publisher in publishers:
            what = f'a listener of {publisher.topic_name}'
            stage.wait(publisher.get_subscription_count, what, START_TIMEOUT)
        publish, publish_echo = (_timed_publish(publisher) for publisher in publishers)
        return publish, publish_echo, local

    def _time_all(
        self,
        stage: Stage,
        messages: BagMessages,
        publish: Callable[[bytes], int],
        publish_echo: Callable[[bytes], int],
        local: Any,
        echoes: list[Heard[Any]],
    ) -> None:
        wanted = self._bench.messages + WARM_UP
        progress = Progress(wanted, f'{self._kind} messages')
        begin = time.time_ns()
        pause = 1.0 / RATE / 3.0
        measured = 0
        # Rings give nothing until they hold a whole span, and begin anew where the bag does.
        for number in range(3 * wanted + 200):
            if measured >= wanted:
                return
            time.sleep(pause)
            timed = json.loads(local.ask(str(number)))
            time.sleep(pause)
            data = messages.paced(number, begin)
            if timed is None:
                publish(data)
                continue
            live = self._answered(stage, stage.embeddings, publish, data)
            time.sleep(pause)
            dds = self._answered(stage, echoes, publish_echo, data)
            if live is None or dds is None:
                self._lost += measured > 0  # before that they are still finding each other
                continue
            measured += 1
            progress.reach(measured)
            if measured > WARM_UP:
                self._live.append(live[0])
                self._way_there.append(live[1])
                self._dds.append(dds[0])
                for name, value in timed.items():
                    self._local[name].append(value)
        raise InVainError(
            f'{self._kind}: {measured} of {wanted} messages answered, {self._lost} lost'
        )

    def _answered(
        self,
        stage: Stage,
        answers: list[Heard[Any]],
        publish: Callable[[bytes], int],
        data: bytes,
    ) -> tuple[float, float] | None:
        """From the publication to the answer, and to the subscriber's callback; ms."""
        before = len(answers)
        sent = publish(data)

        def answer() -> Heard[Any] | None:
            # One to a message before this, which had been given up, does not count.
            later = (one for one in answers[before:] if stamp_to_ns(one.message.received) >= sent)
            return next(later, None)

        if not stage.probe.happens(answer, ANSWER_WITHIN):
            return None
        found = answer()
        assert found is not None
        return (found.at - sent) / 1e6, (stamp_to_ns(found.message.received) - sent) / 1e6

    def _node_parts(self, stage: Stage) -> dict[str, str]:
        """What the node itself says, of the last 30 s."""
        status = stage.status(self._sensor.name)
        return {part: status[f'latency {part}'] for part in _PARTS if f'latency {part}' in status}

    def _named(self, found: Spread) -> str:
        return f'p50 {found.p50:.2f} ms, p99 {found.p99:.2f} ms'


def _timed_publish(publisher: Any) -> Callable[[bytes], int]:
    """Publishes; returns when, system time just before."""

    def publish(data: bytes) -> int:
        sent = time.time_ns()
        publisher.publish(data)
        return sent

    return publish
