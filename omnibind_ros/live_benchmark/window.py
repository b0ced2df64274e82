"""Scenario `window`: from the vector that closes a window to the recognition, at leisure."""

from __future__ import annotations

from collections.abc import Callable
import time
from typing import Any

import numpy as np

from omnibind.msg import Embedding
from omnibind_core.cli.progress import Progress
from omnibind_core.diagnostics.latency_meter import milliseconds
from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_core.evaluation.live.outcome import Target
from omnibind_core.evaluation.live.spread import spread
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.streaming.vector import Vector
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.embedding_message import to_message
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.live_benchmark.echo import ANSWERS
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.stage import Stage
from omnibind_ros.stage.stage import START_TIMEOUT

WANTED_MS = 5.0
RATE = 10.0  # windows a second
STEP = 0.003  # s between the vectors of a window
SENSORS = ('camera', 'thermal', 'lidar')
MODALITIES = ('image', 'thermal', 'point_cloud')
SETTLING = 30  # windows until the sensors' rhythms are known
_PARTS = ('window', 'fuse', 'publish', 'closing')


def window(bench: Bench) -> Outcome:
    """Vectors of three sensors that only pretend, into the real fusion node."""
    bundle = open_bundle(bench.bundle)
    with Stage(bench) as stage:
        stage.fusion()
        words = ('omnibind/msg/Embedding', 'bench_echo', 'reliable', '50')
        stage.tool(f'{__package__}.echo', *words, str(bundle.manifest.dimension))
        vectors = stage.probe.publisher(Embedding, 'embeddings', EMBEDDINGS_QOS)
        to_echo = stage.probe.publisher(Embedding, 'bench_echo', EMBEDDINGS_QOS)
        echoes = stage.probe.hear(Embedding, ANSWERS, EMBEDDINGS_QOS)
        stage.active('fusion')
        # The probe hears its own vectors too.
        stage.wait(lambda: vectors.get_subscription_count() >= 2, 'the fusion', START_TIMEOUT)
        stage.wait(to_echo.get_subscription_count, 'the echo', START_TIMEOUT)
        run = _Windows(stage, bundle, vectors.publish, to_echo.publish, echoes)
        run.play(bench.messages)
        inside = run.inside
    outside, dds = spread(run.outside), spread(run.dds)
    p99 = inside['closing'][1]
    figures = {
        'windows': outside.number,
        'closed_otherwise': run.otherwise,
        **{f'inside_{name}_ms_p50': value[0] for name, value in inside.items()},
        **{f'inside_{name}_ms_p99': value[1] for name, value in inside.items()},
        **outside.figures('outside_ms'),
        **dds.figures('dds_ms'),
    }
    target = Target('closing vector -> recognition published, p99', p99, WANTED_MS, 'ms')
    note = (
        f'inside p50 {inside["closing"][0]:.2f} ms (fuse {inside["fuse"][0]:.2f}, publish '
        f'{inside["publish"][0]:.2f}); seen from outside p50 {outside.p50:.2f} ms, p99 '
        f'{outside.p99:.2f} ms, of which DDS alone p50 {dds.p50:.2f} ms, p99 {dds.p99:.2f} ms; '
        f'{outside.number} windows'
    )
    return Outcome('window', figures, [target], [note])


class _Windows:
    """One window after the other, and an echo between them."""

    def __init__(
        self,
        stage: Stage,
        bundle: Bundle,
        publish: Callable[[Any], None],
        publish_echo: Callable[[Any], None],
        echoes: list[Heard[Any]],
    ) -> None:
        self._stage = stage
        self._bundle = bundle
        self._publish = publish
        self._publish_echo = publish_echo
        self._echoes = echoes
        self._labels = bundle.labels().embeddings
        self._random = np.random.default_rng(0)
        self._statuses: list[dict[str, tuple[float, float]]] = []
        self.outside: list[float] = []
        self.dds: list[float] = []
        #: Windows that were not closed by the arrival of the last vector.
        self.otherwise = 0

    def play(self, count: int) -> None:
        """Measure so many windows.

        :raises InVainError: hardly any was closed by its last vector.
        """
        progress = Progress(count, 'windows')
        due = time.monotonic()
        for number in range(2 * count + SETTLING):
            if len(self.outside) >= count:
                break
            due += 1.0 / RATE
            time.sleep(max(due - time.monotonic(), 0.0))
            closed = self._window(number)
            if number < SETTLING:
                continue
            if closed is None:
                self.otherwise += 1
            else:
                self.outside.append(closed)
                self._echo()
                progress.reach(len(self.outside))
            self._note_status()
        else:
            raise InVainError(
                f'{len(self.outside)} of {count} windows were closed by their last vector, '
                f'{self.otherwise} otherwise'
            )
        if not self._statuses:
            self._stage.wait(self._note_status, "the fusion's status")

    @property
    def inside(self) -> dict[str, tuple[float, float]]:
        """The fusion's own p50 and p99 by part, ms: of its worst half minute."""
        # The first half minute holds the sensors' first vectors and the models' first runs.
        later = self._statuses[round(30.0 * RATE) :] or self._statuses[-1:]
        return {
            name: max((one[name] for one in later if name in one), key=lambda pair: pair[1])
            for name in _PARTS
        }

    def _window(self, number: int) -> float | None:
        """From publishing the last vector to hearing the recognition, ms."""
        before = len(self._stage.recognitions)
        sent = stamp = 0
        for index in range(len(SENSORS)):
            message = self._message(index, number)
            stamp = stamp_to_ns(message.header.stamp)
            sent = time.time_ns()
            self._publish(message)
            if index + 1 < len(SENSORS):
                time.sleep(STEP)

        def answer() -> Heard[Any] | None:
            later = self._stage.recognitions[before:]
            return next(
                (one for one in later if stamp_to_ns(one.message.header.stamp) == stamp), None
            )

        if not self._stage.probe.happens(answer, 1.0):
            return None
        found = answer()
        assert found is not None
        fresh = sum(not part.held for part in found.message.contributions)
        if fresh < len(SENSORS) or found.message.closed_by != 'complete':
            return None
        return (found.at - sent) / 1e6

    def _echo(self) -> None:
        before = len(self._echoes)
        message = self._message(0, 0)
        sent = time.time_ns()
        self._publish_echo(message)
        if self._stage.probe.happens(lambda: len(self._echoes) > before, 1.0):
            self.dds.append((self._echoes[before].at - sent) / 1e6)

    def _message(self, index: int, number: int) -> Embedding:
        """A vector near the label of some class, stamped now."""
        label = self._labels[number // 10 % len(self._labels)]
        noise = self._random.standard_normal(label.shape)
        payload = label + 0.3 * noise / np.linalg.norm(noise)
        now = time.time_ns()
        vector = Vector(
            sensor=SENSORS[index],
            modality=MODALITIES[index],
            stamp=now,
            span=0,
            received=now,
            seq=number,
            informative=True,
            space=self._bundle.manifest.space,
            payload=(payload / np.linalg.norm(payload)).astype(np.float32),
            encode_ms=0.0,
        )
        return to_message(vector, model=self._bundle.manifest.bundle_id, frame_id='')

    def _note_status(self) -> bool:
        values = self._stage.status('fusion')
        found = {
            name: pair for name in _PARTS if (pair := milliseconds(values.get(f'latency {name}')))
        }
        if 'closing' in found:
            self._statuses.append(found)
        return bool(self._statuses)
