"""Findings into one status."""

from __future__ import annotations

from omnibind_core.diagnostics.status import above
from omnibind_core.diagnostics.status import below
from omnibind_core.diagnostics.status import Finding
from omnibind_core.diagnostics.status import judged
from omnibind_core.diagnostics.status import Level
from omnibind_core.diagnostics.status import Status


def test_the_worst_finding_speaks_and_the_others_are_named() -> None:
    """The first of those that are equally bad."""
    found = [
        None,
        Finding(Level.WARN, 'slow'),
        Finding(Level.ERROR, 'a'),
        Finding(Level.ERROR, 'b'),
    ]
    assert judged(found, {'rate': '1'}) == Status(
        Level.ERROR, 'a', {'rate': '1', 'also': 'slow; b'}
    )
    assert judged([None], {}, fine='fine') == Status(Level.OK, 'fine', {})
    assert judged([Finding(Level.WARN, 'slow')], {}).values == {}


def test_thresholds_are_inclusive_and_0_switches_them_off() -> None:
    """A value on its threshold is fine."""
    assert below('rate', 5.0, 5.0, 'Hz') is None
    assert below('rate', 0.0, 0.0, 'Hz') is None
    assert below('rate', 4.996, 5.0, 'Hz') == Finding(Level.WARN, 'rate is 5 Hz, below 5 Hz')
    assert above('age', 2.0, 2.0, 's') is None
    assert above('age', None, 2.0, 's') is None
    assert above('age', 99.0, 0.0, 's') is None
    assert above('age', 3.0, 2.0, 's', Level.ERROR) == Finding(Level.ERROR, 'age is 3 s, above 2 s')
