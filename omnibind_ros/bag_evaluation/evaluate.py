"""One bag, evaluated: whatever can be computed of it, and a sentence for each thing that cannot."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
import time
from typing import Any

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.configuration.robot import Encoder
from omnibind_core.data.bag_source import BagReadError
from omnibind_core.data.bag_source import BagSource
from omnibind_core.data.bag_source import BagTopic
from omnibind_core.data.mcap_repair import repaired
from omnibind_core.errors import OmniBindError
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.document import answers_document
from omnibind_core.evaluation.bag.document import sensors_document
from omnibind_core.evaluation.bag.replayed import replay_recorded
from omnibind_core.evaluation.bag.subset_job import score_subsets
from omnibind_core.evaluation.bag.subset_job import SubsetJob
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.choice import key_of
from omnibind_core.evaluation.subsets.choice import MOST_SENSORS
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_ros.bag_evaluation.encoding import encode_sensor
from omnibind_ros.bag_evaluation.encoding import Job
from omnibind_ros.bag_evaluation.encoding import Trace
from omnibind_ros.bag_evaluation.options import BagResult
from omnibind_ros.bag_evaluation.options import Options
from omnibind_ros.bag_evaluation.recorded import RECOGNITION
from omnibind_ros.bag_evaluation.recorded import recorded_answers
from omnibind_ros.bag_evaluation.suggestion import suggested_robot
from omnibind_ros.bag_evaluation.truth_choice import chosen_truth

Map = Callable[..., Iterator[Any]]
"""``map``, or that of a pool of processes."""
_CHUNKS = 8  # of the subsets, however many processes there are: so figures do not depend on that
_PARTS = 8  # of a bag without a truth: moments of which pictures are shown


def evaluate_bag(
    path: Path, options: Options, *, run: Map = map, step: Callable[[int], None] | None = None
) -> BagResult:
    """Evaluate one bag. Errors of the bag are no exceptions but sentences in ``problems``.

    :param run: does several things at once, or one after the other.
    :param step: counts what is done: one for each sensor, and one for the rest of the bag.
    """
    return _Evaluation(path, options, run, step or (lambda _: None)).result()


class _Evaluation:
    def __init__(self, path: Path, options: Options, run: Map, step: Callable[[int], None]) -> None:
        self._path = path
        self._options = options
        self._run = run
        self._step = step
        self._problems: list[str] = []
        self._topics: dict[str, BagTopic] = {}
        self._cpu = 0.0
        self._out = BagResult({'bag': path.name or str(path), 'simulated': False})

    def result(self) -> BagResult:
        began, cpu = time.perf_counter(), time.process_time()
        document = self._out.document
        with TemporaryDirectory(prefix='omnibind_bag_') as folder:
            if self._attempt(lambda: self._open_or_repair(Path(folder))):
                self._attempt(self._read_truth)
                self._attempt(self._recognise)
                self._attempt(self._score_recorded)
        document['evaluated'] = bool(document.get('recognitions') or document.get('recorded'))
        document['problems'] = self._problems
        wall = time.perf_counter() - began
        timings = document.setdefault('timings', {})
        timings['wall_s'] = wall
        timings['cpu_s'] = time.process_time() - cpu + self._cpu
        document['realtime_factor'] = document.get('duration_s', 0.0) / wall
        self._step(1)
        return self._out

    def _attempt(self, action: Callable[[], None]) -> bool:
        """Do it; what cannot be done is said, and the rest goes on."""
        try:
            action()
        except OmniBindError as error:
            self._problems.append(' '.join(str(error).split()))
            return False
        return True

    def _open_or_repair(self, folder: Path) -> None:
        try:
            self._open()
        except BagReadError as error:
            copy = repaired(self._path, folder)
            if copy is None:
                raise
            given, self._path = self._path, copy
            try:
                self._open()
            except BagReadError:
                raise error from None
            self._out.document['simulated'] = simulated(given)
            length = self._out.document['duration_s']
            self._problems.append(
                f'{" ".join(str(error).split())}; what was recorded before the damage, '
                f'{length:.1f} s, is evaluated'
            )

    def _open(self) -> None:
        with BagSource(self._path) as bag:
            self._topics = dict(bag.topics)
            self._out.begin, self._out.end = bag.begin, bag.end
        self._out.document['duration_s'] = (self._out.end - self._out.begin) / 1e9
        self._out.document['simulated'] = simulated(self._path)

    def _read_truth(self) -> None:
        truth, problem = chosen_truth(
            self._path, self._options.truth, self._topics, begin=self._out.begin
        )
        self._problems += [problem] if problem else []
        if truth is not None:
            self._out.truth = truth.within(self._out.begin, self._out.end + 1)

    def _recognise(self) -> None:
        options, document = self._options, self._out.document
        bundle = open_bundle(options.bundle)
        document['bundle'] = bundle.manifest.bundle_id
        robot = options.robot or suggested_robot(self._topics.values(), str(options.bundle))
        fusion = robot.fusion or FusionParameters(bundle=str(options.bundle))
        if fusion.sync != 'adaptive':
            self._problems.append(
                f'sync: {fusion.sync} is not evaluated offline; the adaptive window is'
            )
        encoders = self._usable(robot.encoders, tuple(bundle.manifest.modalities))
        traces = self._encode(encoders)
        order = {trace.name: place for place, trace in enumerate(traces)}
        arrivals = sorted(
            (arrival for trace in traces for arrival in trace.arrivals),
            key=lambda arrival: (arrival.time, order[arrival.vector.sensor]),
        )
        document['sensors'] = sensors_document(traces)
        if options.arrivals:
            self._out.arrivals = tuple(arrivals)
        if not arrivals:
            self._problems.append('no sensor gave anything to recognise from')
            return
        recognizer = Recognizer.load(options.bundle, modalities=(), backend='onnxruntime')
        self._check_labels(recognizer.labels.class_ids)
        fused = time.perf_counter()
        replayed = replay_recorded(arrivals, recognizer, fusion)
        seconds = time.perf_counter() - fused
        self._out.answers = replayed.answers
        document.update(answers_document(replayed.answers, self._out.truth))
        document['drops'] = {
            'vectors': replayed.received,
            'outcomes': dict(replayed.outcomes),
            'by_sensor': {name: dict(one) for name, one in replayed.by_sensor.items()},
            'recognitions_held_back': replayed.unpublished,
        }
        document['timings'] |= {
            'encode_ms': {trace.name: _middle(trace.encode_ms) for trace in traces},
            'encode_cpu_s': {trace.name: trace.cpu_s for trace in traces},
            'window_and_fusion_ms': 1e3 * seconds / max(len(replayed.answers), 1),
        }
        self._check_overlap(replayed.answers)
        if options.subsets and self._out.truth is not None:
            self._measure_subsets([*order], arrivals, fusion)

    def _usable(self, encoders: Iterable[Encoder], modalities: Sequence[str]) -> list[Encoder]:
        found = []
        for encoder in encoders:
            if not encoder.parameters.enabled:
                continue
            if encoder.parameters.modality in modalities:
                found.append(encoder)
                continue
            self._problems.append(
                f'{encoder.name} is left out: the bundle has no encoder for '
                f'{encoder.parameters.modality}; it has {", ".join(modalities)}'
            )
        return found

    def _encode(self, encoders: Sequence[Encoder]) -> list[Trace]:
        options, out = self._options, self._out
        if options.pictures:
            out.moments = _moments(out.truth, out.begin, out.end)
        jobs = [
            Job(
                self._path,
                encoder,
                options.bundle,
                round(options.delays.get(encoder.name, options.delay) * 1e9),
                out.moments,
            )
            for encoder in encoders
        ]
        out.document['encode_delay_s'] = {job.encoder.name: job.delay / 1e9 for job in jobs}
        traces = []
        for trace in self._run(encode_sensor, jobs):
            self._problems += trace.problems
            self._cpu += trace.cpu_s if self._run is not map else 0.0
            out.pictures[trace.name] = trace.pictures
            if trace.arrivals or trace.counts:
                traces.append(trace)
            self._step(1)
        out.document['timings'] = {}
        return traces

    def _measure_subsets(
        self, sensors: Sequence[str], arrivals: Sequence[Arrival], fusion: FusionParameters
    ) -> None:
        there = {arrival.vector.sensor for arrival in arrivals}
        names = [name for name in sensors if name in there and name not in fusion.disabled_sensors]
        if len(names) > MOST_SENSORS:
            self._problems.append(
                f'subsets are not measured: {len(names)} sensors have {2 ** len(names) - 1}; at '
                f'most {MOST_SENSORS} sensors'
            )
            return
        subsets = all_subsets(names)
        assert self._out.truth is not None
        chunks = [
            SubsetJob(self._options.bundle, fusion, subsets[n::_CHUNKS], arrivals, self._out.truth)
            for n in range(min(_CHUNKS, len(subsets)))
        ]
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for scores, cpu in self._run(score_subsets, chunks):
            found.update(scores)
            self._cpu += cpu if self._run is not map else 0.0
        self._out.document['per_subset'] = {key_of(one): found[one] for one in subsets}

    def _score_recorded(self) -> None:
        topics = self._of_type(RECOGNITION)
        if self._options.recognition:
            topics = [self._options.recognition]
        recorded = {}
        for topic in topics:
            answers = recorded_answers(self._path, topic)
            recorded[topic] = answers_document(answers, self._out.truth)
        if recorded:
            self._out.document['recorded'] = recorded

    def _of_type(self, message: str) -> list[str]:
        return [name for name, topic in self._topics.items() if topic.message == message]

    def _check_labels(self, class_ids: Sequence[str]) -> None:
        unknown = sorted(set(self._out.truth.class_ids if self._out.truth else ()) - {*class_ids})
        if unknown:
            self._problems.append(
                f'the truth names {", ".join(unknown)}, which the bundle has no label for: it can '
                'never be right there'
            )

    def _check_overlap(self, answers: Sequence[Answer]) -> None:
        truth = self._out.truth
        if truth is not None and all(truth.at(answer.stamp) is None for answer in answers):
            self._problems.append(
                'no recognition falls into the time that the truth tells of: the clock of the '
                'truth is not synchronised with that of the sensors'
            )


def simulated(path: Path) -> bool:
    """Whether the bag says that it is simulated, in the ``bag.json`` beside it."""
    import json

    folder = path if path.is_dir() else path.parent
    try:
        content = json.loads((folder / 'bag.json').read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get('simulated') is True


def _moments(truth: Truth | None, begin: int, end: int) -> tuple[int, ...]:
    if truth is not None:
        return tuple((one.begin + one.end) // 2 for one in truth.intervals)
    return tuple(begin + (end - begin) * (2 * n + 1) // (2 * _PARTS) for n in range(_PARTS))


def _middle(values: Sequence[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None
