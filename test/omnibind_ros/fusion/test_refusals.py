"""What cannot be fused is refused by name and counted, and the next vector goes on."""

from __future__ import annotations

from array import array
from typing import Any

from fusion_process import account
from fusion_process import Fusion
import numpy as np
import pytest

AHEAD = 5_000_000_000


@pytest.mark.parametrize(
    ('changes', 'counted', 'said'),
    [
        ({'space': 'another'}, 'vectors refused_space', "space 'another'"),
        ({'stamp': 0}, 'vectors refused_stamp', 'stamp: not set'),
        ({'vector': array('f', [1.0])}, 'vectors malformed vector', 'vector: got 1 values'),
        ({'vector': array('f', [float('nan')] * 256)}, 'vectors malformed vector', 'not finite'),
        ({'encode_ms': float('nan')}, 'vectors malformed encode_ms', 'encode_ms: got nan'),
        ({'sensor': ''}, 'vectors malformed sensor', '0 characters'),
        ({'sensor': 'x' * 1000}, 'vectors malformed sensor', '1000 characters'),
    ],
)
def test_a_bad_vector_is_refused_and_the_good_one_taken(
    fusion: Fusion, changes: dict[str, Any], counted: str, said: str
) -> None:
    """Three bad ones and a good one, all of them accounted for; one warning names the field."""
    before = fusion.report()
    camera = fusion.sensor('camera')
    for _ in range(3):
        camera.send(**changes)
    good = camera.send()
    fusion.wait(lambda: fusion.recognitions, 'a recognition of the good one')
    assert fusion.recognitions[0].header.stamp == good.header.stamp
    values = fusion.report(lambda found: int(found['vectors fresh']) == 1)
    assert int(values[counted]) - int(before.get(counted, 0)) == 3
    received, accounted = account(values)
    assert received == accounted
    fusion.process.wait_for_line(said)


def test_a_stamp_of_the_future_is_refused_and_opens_no_window(fusion: Fusion) -> None:
    """It would push everything else out as late."""
    camera, broken = fusion.sensor('camera'), fusion.sensor('broken')
    broken.send(stamp=fusion.probe.now() + AHEAD)
    fusion.process.wait_for_line('ahead of the ROS clock')
    camera.send()
    fusion.wait(lambda: fusion.recognitions, 'a recognition')
    assert [part.sensor for part in fusion.recognitions[0].contributions] == ['camera']


def test_many_refusals_are_a_warning_in_diagnostics(fusion: Fusion) -> None:
    """More than one vector in twenty."""
    fusion.sensor('camera').start(10)
    foreign = fusion.sensor('foreign')
    fusion.every(0.05, lambda: foreign.send(space='another'))
    values = fusion.report(lambda found: 'refused' in found['message'] + found.get('also', ''))
    assert int(values['level']) == 1


def test_old_stamps_ask_once_for_simulated_time(fusion: Fusion) -> None:
    """A bag without use_sim_time: recognised all the same, with an error that says why to ask."""
    camera = fusion.sensor('camera')
    recorded = 1_000_000_000_000
    for step in range(8):
        camera.send(stamp=recorded + step * 100_000_000)
    fusion.wait(lambda: len(fusion.recognitions) == 8, 'a recognition of each')
    line = fusion.process.wait_for_line('is use_sim_time set?')
    assert 'ERROR' in line and 'behind the ROS clock' in line
    assert fusion.process.output.count('is use_sim_time set?') == 1
    values = fusion.report(lambda found: found['level'] == '2')
    assert 'use_sim_time' in values['message']


@pytest.mark.malformed
def test_hundreds_of_messages_of_noise_leave_it_alive(fusion: Fusion) -> None:
    """Each is accounted for, and a good sensor is recognised all along."""
    random = np.random.default_rng(0)
    before = int(fusion.report()['vectors received'])
    camera, noise = fusion.sensor('camera'), fusion.sensor('noise')
    camera.start(10)

    def pick(*choices: Any) -> Any:
        return choices[random.integers(len(choices))]

    def send() -> None:
        if noise.sent >= 500:
            return
        values = random.standard_normal(pick(0, 1, 255, 256)) * pick(0.0, 1.0, 1e37, np.nan)
        message = noise.message(
            sensor=pick('', 'noise', 'x' * 300, '\n\t\x1b[31m', '/'),
            modality=pick('', 'image', 'x' * 300, 'radar'),
            space=pick('', 'x' * 10_000, fusion.vectors.space),
            stamp=pick(0, -1, 1, fusion.probe.now(), 2**60),
            informative=bool(pick(False, True)),
            encode_ms=float(pick(0.0, 1.5, -1.0, np.nan, np.inf)),
            vector=array('f', values.astype(np.float32).tobytes()),
        )
        message.header.stamp.nanosec = int(pick(0, 2**32 - 1, message.header.stamp.nanosec))
        message.span.sec = int(pick(0, -(2**31), 2**31 - 1))
        noise.publisher.publish(message)
        noise.sent += 1
        fusion.probe.notice(message)

    fusion.every(0.005, send)
    fusion.wait(lambda: noise.sent >= 500)
    values = fusion.report(lambda found: int(found['vectors received']) - before >= 500)
    received, accounted = account(values)
    assert received == accounted
    fusion.recognitions.clear()
    fusion.wait(lambda: len(fusion.recognitions) > 3, 'recognitions of the good sensor')
    assert not any(key.startswith('failures') for key in values), values
