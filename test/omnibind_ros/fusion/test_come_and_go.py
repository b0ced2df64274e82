"""Sensors that fall silent, are unplugged, come late, or are switched off."""

from __future__ import annotations

from fake_sensors import FakeSensor
from fusion_process import account
from fusion_process import Fusion

from omnibind.msg import Recognition
from omnibind_ros.conversions.stamp import stamp_to_ns


def has(item: Recognition, sensor: str, *, held: bool = False) -> bool:
    """Whether a sensor took part."""
    return any(part.sensor == sensor and part.held == held for part in item.contributions)


def together(fusion: Fusion, sensors: list[FakeSensor], rate: float = 10.0) -> list[int]:
    """All of them stamp and send at once, again and again; the stamps grow in the list."""
    stamps: list[int] = []

    def send() -> None:
        stamp = fusion.probe.now() - 5_000_000
        stamps.append(stamp)
        for sensor in list(sensors):
            sensor.send(stamp=stamp)

    fusion.every(1 / rate, send)
    return stamps


def test_a_silenced_sensor_costs_one_timeout_and_no_recognition(fusion: Fusion) -> None:
    """Every picture gives a recognition; at most one waits, and no longer than `max_wait`."""
    camera, lidar = fusion.sensor('camera'), fusion.sensor('lidar', 'point_cloud')
    sensors = [camera, lidar]
    stamps = together(fusion, sensors)
    fusion.wait(lambda: sum(has(item, 'lidar') for item in fusion.recognitions) >= 10)
    sensors.remove(lidar)
    silenced = len(stamps)  # sent by the probe's thread; one more may have gone out together
    fusion.wait(lambda: len(stamps) >= silenced + 25)
    wanted = stamps[silenced + 1 : silenced + 21]
    fusion.wait(
        lambda: {stamp_to_ns(item.header.stamp) for item in fusion.recognitions} >= {*wanted},
        'a recognition for every picture',
    )
    after = [item for item in fusion.recognitions if stamp_to_ns(item.header.stamp) in wanted]
    assert len(after) == 20
    assert sum(item.closed_by == 'timeout' for item in after) <= 1
    assert not any(has(item, 'lidar') for item in after)
    assert list(after[-1].missing) == ['lidar']
    values = fusion.report()
    waited = float(values['latency window'].split('p99 ')[1].split()[0])
    assert waited <= 150 + 100  # max_wait, and what a loaded machine adds
    received, accounted = account(values)
    assert received == accounted


def test_a_sensor_that_comes_late_takes_part_within_a_second(fusion: Fusion) -> None:
    """Of its first vector; nothing had to be told to the fusion node."""
    fusion.sensor('camera').start(10)
    fusion.wait(lambda: len(fusion.recognitions) >= 5)
    heat = fusion.sensor('heat', 'thermal')
    heat.start(10)
    fusion.wait(lambda: any(has(item, 'heat') for item in fusion.recognitions))
    first = next(item for item in fusion.recognitions if has(item, 'heat'))
    assert fusion.probe.now() - stamp_to_ns(first.header.stamp) < 1_000_000_000


def test_an_unplugged_sensor_is_lost_and_comes_back(fusion: Fusion) -> None:
    """Also a sporadic one, which silence alone never loses."""
    fusion.sensor('camera').start(10)
    gel = fusion.sensor('gel', 'touch')
    gel.send()
    fusion.process.wait_for_line("sensor 'gel' is here")
    values = fusion.report()
    assert values['sensor gel'].startswith('warming')
    fusion.unplug(gel)
    fusion.process.wait_for_line("sensor 'gel' is lost: its publisher is gone")
    values = fusion.report(lambda found: 'gel is lost' in found['message'])
    assert values['level'] == '1'
    count = len(fusion.recognitions)
    fusion.wait(lambda: len(fusion.recognitions) > count + 12)
    assert list(fusion.recognitions[-1].missing) == ['gel']
    fusion.sensor('gel', 'touch').start(10)
    fusion.wait(lambda: has(fusion.recognitions[-1], 'gel'), 'the sensor to be back')


def test_sensors_of_one_node_go_with_it(fusion: Fusion) -> None:
    """A publisher that bears no sensor's name is that of all sensors without one."""
    gateway = fusion.sensor('gateway')
    for name in ('left', 'right'):
        gateway.send(sensor=name)
    fusion.process.wait_for_line("sensor 'right' is here")
    fusion.unplug(gateway)
    fusion.process.wait_for_line("sensor 'left' is lost")
    fusion.process.wait_for_line("sensor 'right' is lost")


def test_a_sensor_is_switched_off_and_on_at_run_time(fusion: Fusion) -> None:
    """Disabled it takes part in nothing, is not missing, and nothing warns of it."""
    sensors = [fusion.sensor('camera'), fusion.sensor('lidar', 'point_cloud')]
    together(fusion, sensors)
    fusion.wait(lambda: any(has(item, 'lidar') for item in fusion.recognitions))
    assert fusion.set(disabled_sensors=['lidar']) == ''
    fusion.recognitions.clear()
    fusion.wait(lambda: len(fusion.recognitions) >= 8)
    last = fusion.recognitions[-5:]
    assert not any(has(item, 'lidar') or has(item, 'lidar', held=True) for item in last)
    assert list(last[-1].missing) == []
    values = fusion.report(lambda found: found['sensor lidar'].startswith('disabled'))
    assert values['message'] == 'recognising from 1 sensors'
    assert fusion.set(disabled_sensors=['']) == ''
    fusion.wait(lambda: has(fusion.recognitions[-1], 'lidar'), 'the sensor to take part again')
    received, accounted = account(fusion.report())
    assert received == accounted


def test_nobody_there_is_a_warning_and_silence_an_error(fusion: Fusion) -> None:
    """No publisher; then vectors from which no recognition comes."""
    values = fusion.report(lambda found: found['vectors per second'] == '0.0')
    assert (values['level'], values['message']) == ('1', 'no sensor publishes embeddings')
    assert fusion.set(error_silence=0.5) == ''
    foreign = fusion.sensor('foreign')
    fusion.every(0.05, lambda: foreign.send(space='another'))
    values = fusion.report(lambda found: found['level'] == '2')
    assert values['message'].startswith('vectors come, but no recognition')
    assert fusion.set(error_silence=5.0) == ''
