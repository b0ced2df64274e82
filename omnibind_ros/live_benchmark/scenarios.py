"""The scenarios of `omnibind bench live`, and how a run of them goes."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
import os
from pathlib import Path
import sys
import time
from typing import Any

from omnibind_core.configuration.robot import read_robot
from omnibind_core.errors import OmniBindError
from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_core.evaluation.preprocessing_benchmark import machine
from omnibind_core.inference.bundle import open_bundle
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.live_benchmark.come_and_go import kill
from omnibind_ros.live_benchmark.come_and_go import plug
from omnibind_ros.live_benchmark.come_and_go import silence
from omnibind_ros.live_benchmark.latency import latency
from omnibind_ros.live_benchmark.load import composed
from omnibind_ros.live_benchmark.load import full
from omnibind_ros.live_benchmark.load import lite
from omnibind_ros.live_benchmark.window import window
from omnibind_ros.stage.isolation import isolated
from omnibind_ros.stage.isolation import share

ROUNDS = 5  # in which a sensor comes or goes
SCENARIOS: Mapping[str, Callable[[Bench], Outcome]] = {
    'latency': latency,
    'window': window,
    'lite': lite,
    'composed': composed,
    'full': full,
    'silence': silence,
    'plug': plug,
    'kill': kill,
}


def measure(
    names: tuple[str, ...],
    *,
    bundle: Path,
    bag: Path,
    full_bag: Path | None,
    messages: int,
    minutes: float,
    modalities: tuple[str, ...],
    rounds: int = ROUNDS,
    show: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Play the scenarios, one after the other; one that fails stops no other.

    :param names: of the scenarios.
    :param bundle: that every node loads.
    :param bag: the lite bag.
    :param full_bag: the bag for load; only ``full`` needs it.
    :param messages: timed of each modality and, as windows, in ``window``.
    :param minutes: the lite bag is looped for.
    :param modalities: whose latency is measured.
    :param rounds: in which a sensor comes or goes.
    :param show: takes the lines for people.
    :returns: the document of the JSON file: ``{machine, bundle, scenarios}``.
    :raises UnavailableError: the package is not installed here.
    :raises BundleError: there is no such bundle.
    """
    manifest = open_bundle(bundle).manifest
    parameters = share() / 'config' / 'replay.yaml'
    bench = Bench(
        bundle=bundle.resolve(),
        bag=bag.resolve(),
        full_bag=None if full_bag is None else full_bag.resolve(),
        messages=messages,
        minutes=minutes,
        modalities=modalities,
        rounds=rounds,
        parameters=parameters,
        robot=read_robot(parameters, bundle=str(bundle.resolve())),
    )
    found: dict[str, Any] = {}
    with bench.interrupts.handled(), isolated() as domain:
        # The thread that publishes must not wait 5 ms, Python's default, for the one that waits.
        sys.setswitchinterval(0.0005)
        show(f'bundle {manifest.bundle_id}, ROS domain {domain}, load {os.getloadavg()[0]:.1f}')
        for name in names:
            outcome, context = _play(name, bench)
            for line in outcome.lines():
                show(line)
            found[name] = {**outcome.document(), **context}
    return {
        'machine': {**machine(), 'ros': os.environ.get('ROS_DISTRO', 'wheels')},
        'bundle': manifest.bundle_id,
        'scenarios': found,
    }


def _play(name: str, bench: Bench) -> tuple[Outcome, dict[str, float]]:
    load, begin = os.getloadavg()[0], time.monotonic()
    try:
        outcome = SCENARIOS[name](bench)
    except OmniBindError as error:
        outcome = Outcome(name, failure=str(error))
    except Exception as error:  # noqa: BLE001  the other scenarios are played
        outcome = Outcome(name, failure=f'{type(error).__name__}: {error}')
    seconds = round(time.monotonic() - begin, 1)
    return replace(outcome, name=name), {'took_s': seconds, 'load_before': round(load, 2)}
