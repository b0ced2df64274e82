"""The fusion node's status: what is counted, and which findings outweigh which."""

from __future__ import annotations

from dataclasses import replace

from window_driver import Driver

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.diagnostics.fusion import fusion_status
from omnibind_core.diagnostics.fusion import FusionMeters
from omnibind_core.diagnostics.fusion import FusionView
from omnibind_core.diagnostics.status import Level

SECOND = 1_000_000_000
NOW = 100 * SECOND
PARAMETERS = FusionParameters(bundle='b')


def busy(rate: int = 10) -> FusionMeters:
    """Five seconds of vectors, each of which became a recognition after 50 ms."""
    meters = FusionMeters()
    meters.reset(NOW - 5 * SECOND)
    for number in range(5 * rate):
        at = NOW - 5 * SECOND + (number + 1) * SECOND // rate
        meters.vectors.add(at)
        meters.recognitions.add(at)
        meters.latency.add('total', 50_000_000, at)
    return meters


def active(**changes: object) -> FusionView:
    """A view of a node at work, with a camera and a lidar."""
    driver = Driver()
    driver.regular(camera=(100, 30, 500), lidar=(200, 50, 500))
    window = driver.window
    view = FusionView(
        state='active',
        about={'bundle': 'b-1'},
        sensors=window.sensors(),
        outcomes=window.outcomes,
        received=window.received,
        undecided=window.undecided,
        publishers=2,
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def test_all_is_well_with_every_number() -> None:
    """Rates, latencies, outcomes and a line for each sensor."""
    meters = busy()
    meters.windows.add('complete', 7)
    meters.malformed.add('vector', 2)
    status = fusion_status(active(), meters, PARAMETERS, NOW)
    assert (status.level, status.message) == (Level.OK, 'recognising from 2 sensors')
    values = status.values
    assert values['recognitions per second'] == values['vectors per second'] == '10.0'
    assert values['latency total'] == 'p50 50.00 ms, p99 50.00 ms'
    assert values['windows complete'] == '7'
    assert values['vectors malformed vector'] == '2'
    assert values['bundle'] == 'b-1'
    assert values['sensor camera'].startswith('periodic, camera, period 100.0 ms, jitter 0.0 ms, ')
    assert 'latency 30.0 ms; ' in values['sensor camera']
    assert all(isinstance(text, str) for text in values.values())


def test_thresholds_warn() -> None:
    """Too slow, too late, too many refused; each can be switched off."""
    meters = busy()
    strict = replace(PARAMETERS, warn_rate=20.0, warn_latency=0.04)
    status = fusion_status(active(), meters, strict, NOW)
    assert status.level == Level.WARN
    assert 'recognition rate is 10 Hz, below 20 Hz' in status.message
    assert 'latency (p99) is 0.05 s, above 0.04 s' in status.values['also']
    for number in range(5):
        meters.refused.add(NOW - number)
    status = fusion_status(active(), meters, PARAMETERS, NOW)
    assert 'share of refused vectors is 0.1' in status.message
    none = replace(PARAMETERS, warn_refused=0.0)
    assert 'share of refused vectors is 0.1' in fusion_status(active(), meters, none, NOW).message
    assert fusion_status(active(), busy(), none, NOW).level == Level.OK
    lax = replace(PARAMETERS, warn_refused=1.0)
    assert fusion_status(active(), meters, lax, NOW).level == Level.OK


def test_silence_is_told_from_absence() -> None:
    """Nobody publishes; somebody does and nothing comes; vectors come and no recognition."""
    quiet = FusionMeters()
    nobody = fusion_status(active(publishers=0), quiet, PARAMETERS, NOW)
    assert (nobody.level, nobody.message) == (Level.WARN, 'no sensor publishes embeddings')
    mute = fusion_status(active(), quiet, PARAMETERS, NOW)
    assert (mute.level, mute.message) == (Level.WARN, 'no vectors come from 2 publishers')
    quiet.vectors.add(NOW)
    stuck = fusion_status(active(), quiet, PARAMETERS, NOW)
    assert (stuck.level, stuck.message) == (Level.ERROR, 'vectors come, but no recognition yet')
    quiet.reset(NOW - 4 * SECOND)
    quiet.vectors.add(NOW)
    early = fusion_status(active(), quiet, PARAMETERS, NOW)
    assert (early.level, early.message) == (Level.OK, 'recognising from 2 sensors')
    later = busy()
    later.vectors.add(NOW + 6 * SECOND)
    stuck = fusion_status(active(), later, PARAMETERS, NOW + 6 * SECOND)
    assert 'no recognition for 6.0 s' in stuck.message
    off = replace(PARAMETERS, error_silence=0.0)
    assert fusion_status(active(), later, off, NOW + 6 * SECOND).level == Level.OK
    seldom = replace(PARAMETERS, max_rate=0.1)  # published, that is
    assert fusion_status(active(), later, seldom, NOW + 6 * SECOND).level == Level.OK
    later.vectors.add(NOW + 21 * SECOND)
    assert fusion_status(active(), later, seldom, NOW + 21 * SECOND).level == Level.ERROR


def test_a_lost_sensor_warns_until_it_is_disabled() -> None:
    """Disabling is how a robot that lacks a sensor for good is quietened."""
    driver = Driver()
    driver.regular(camera=(100, 30, 500), lidar=(200, 50, 500))
    driver.window.publisher_gone('lidar')
    view = active(sensors=driver.window.sensors())
    status = fusion_status(view, busy(), PARAMETERS, NOW)
    assert (status.level, status.message) == (Level.WARN, 'lidar is lost')
    driver.window.set_enabled('lidar', False)
    view = active(sensors=driver.window.sensors(), doubled=('camera',))
    status = fusion_status(view, busy(), PARAMETERS, NOW)
    assert status.message == "several publishers of the sensor 'camera'"


def test_clocks_and_failures_outweigh_everything() -> None:
    """An error before any warning, and a failed transition before the state."""
    status = fusion_status(active(hint='clocks differ'), busy(), PARAMETERS, NOW)
    assert (status.level, status.message) == (Level.ERROR, 'clocks differ')
    failed = FusionView(state='unconfigured', failure='configure refused: no bundle')
    status = fusion_status(failed, busy(), None, NOW)
    assert (status.level, status.message) == (Level.ERROR, 'configure refused: no bundle')
    for state, level in (('unconfigured', Level.WARN), ('inactive', Level.OK)):
        status = fusion_status(FusionView(state=state), busy(), PARAMETERS, NOW)
        assert (status.level, status.message) == (level, state)
