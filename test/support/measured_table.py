"""A small evaluation, measured once for several tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from fusers import ProductFuser
from sensor_table import sensor_table
from sensor_table import SENSORS

from omnibind_core.evaluation.subsets.document import document
from omnibind_core.evaluation.subsets.evaluate import evaluate
from omnibind_core.evaluation.subsets.evaluate import Measured
from omnibind_core.evaluation.subsets.evaluate import Plan
from omnibind_core.evaluation.subsets.settings import Settings

TEMPERATURES = {'image': 0.15, 'thermal': 0.2, 'audio': 0.25, 'text': 0.1}
ABOUT = {
    'bundle': 'tiny-0123',
    'space': 'known',
    'split': 0,
    'data': 'tiny',
    'simulated': True,
    'fusion': {'seed': 3, 'variant': 'mix'},
}


@cache
def measured(*, seed: int = 0, ignored: tuple[str, ...] = (), text: bool = False) -> Measured:
    """All subsets of three sensors, fused by a product that ignores some of them."""
    sensors = (*SENSORS, 'text') if text else SENSORS
    heard = {name: TEMPERATURES[name] for name in sensors}
    settings = Settings(heard, 0.1, {name: 1.0 - heard[name] for name in sensors})
    return evaluate(
        sensor_table(sensors=sensors, seed=seed),
        settings,
        Plan(resamples=2000, seed=seed),
        fuser=ProductFuser(heard, ignored),
    )


@cache
def measured_document(**what: Any) -> dict[str, Any]:
    """The same as plain data."""
    return document(measured(**what), ABOUT)
