"""What the fusion node says of one sensor, of several, and of those that sense nothing."""

from __future__ import annotations

from fusion_process import account
from fusion_process import Fusion
import numpy as np
from probe import Probe
import pytest
from vision_msgs.msg import Classification

from omnibind.msg import Labels
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.qos import LATCHED_QOS


def test_one_sensor_is_recognised_with_every_field(fusion: Fusion) -> None:
    """Stamp, window, shares, space and labels, and the same as vision_msgs."""
    classified = fusion.probe.listen(Classification, 'classification')
    camera = fusion.sensor('camera', class_id='bottle')
    fusion.wait(lambda: fusion.probe.node.count_publishers('classification'))
    sent = [camera.send()]
    fusion.wait(lambda: fusion.recognitions, 'a recognition')
    one = fusion.recognitions[0]
    assert one.header.stamp == sent[0].header.stamp
    assert one.class_ids[0] == 'bottle'
    assert len(one.class_ids) == len(one.scores) == 5
    assert list(one.scores) == sorted(one.scores, reverse=True)
    assert one.space == fusion.vectors.space
    assert one.labels_id == fusion.vectors.labels.labels_id
    assert one.calibrated and not one.abstained
    assert one.closed_by == 'complete'
    assert one.window_start == one.header.stamp
    length = stamp_to_ns(one.window_end) - stamp_to_ns(one.window_start)
    assert length == 80_000_000
    assert list(one.missing) == []
    assert len(one.embedding) == 0
    (part,) = one.contributions
    assert (part.sensor, part.modality, part.held) == ('camera', 'image', False)
    assert part.weight == pytest.approx(1.0)
    assert part.class_id == 'bottle'
    assert part.stamp == one.header.stamp
    camera.start(20)
    fusion.wait(lambda: classified, 'a classification')
    match = classified[0].header.stamp
    fusion.wait(lambda: any(item.header.stamp == match for item in fusion.recognitions))
    same = next(item for item in fusion.recognitions if item.header.stamp == match)
    assert [result.class_id for result in classified[0].results] == list(same.class_ids)
    scores = [result.score for result in classified[0].results]
    np.testing.assert_allclose(scores, same.scores, rtol=1e-6)


def test_sensors_of_one_moment_make_one_recognition(fusion: Fusion) -> None:
    """Three kinds at one stamp; the shares sum to one, and every vector is accounted for."""
    names = {'camera': 'image', 'lidar': 'point_cloud', 'heat': 'thermal'}
    sensors = [fusion.sensor(name, kind, class_id='cup') for name, kind in names.items()]

    def send() -> None:
        stamp = fusion.probe.now() - 20_000_000
        for sensor in sensors:
            sensor.send(stamp=stamp)

    fusion.every(0.1, send)
    fusion.wait(lambda: any(len(item.contributions) == 3 for item in fusion.recognitions[5:]))
    full = next(item for item in fusion.recognitions[5:] if len(item.contributions) == 3)
    assert {part.sensor: part.modality for part in full.contributions} == names
    assert sum(part.weight for part in full.contributions) == pytest.approx(1.0, abs=1e-5)
    assert full.class_ids[0] == 'cup'
    values = fusion.report(lambda found: int(found['vectors fresh']) > 20)
    received, accounted = account(values)
    assert received == accounted
    assert values['sensor heat'].startswith(('periodic, thermal', 'late, thermal'))


def test_a_slower_sensor_is_held_and_said_to_be(fusion: Fusion) -> None:
    """A 2 Hz microphone takes part in the pictures between its vectors."""
    camera, microphone = fusion.sensor('camera'), fusion.sensor('microphone', 'audio')
    camera.start(20)
    microphone.start(2)

    def held_with_picture() -> bool:
        return any(
            {part.sensor: part.held for part in item.contributions}
            == {'camera': False, 'microphone': True}
            for item in fusion.recognitions
        )

    fusion.wait(held_with_picture, 'a held sound beside a fresh picture')


def test_nothing_to_sense_abstains_and_the_classification_is_empty(fusion: Fusion) -> None:
    """Uninformative vectors only: classes are listed, weights are 0."""
    classified = fusion.probe.listen(Classification, 'classification')
    touch = fusion.sensor('gel', 'touch', informative=False)
    touch.start(20)
    fusion.wait(lambda: classified and fusion.recognitions, 'both messages')
    assert classified[-1].results == []
    one = fusion.recognitions[0]
    assert one.abstained
    (part,) = one.contributions
    assert (part.informative, part.weight, part.class_id) == (False, 0.0, '')


def test_two_sensors_of_one_kind_and_one_of_a_kind_unheard_of(fusion: Fusion) -> None:
    """Both cameras count; a modality that the fusion never saw takes part, with one warning."""
    for name, kind in (('left', 'image'), ('right', 'image'), ('radar', 'radar')):
        fusion.sensor(name, kind, class_id='box').start(20)
    fusion.wait(
        lambda: any(len(item.contributions) == 3 for item in fusion.recognitions), 'all three'
    )
    three = next(item for item in fusion.recognitions if len(item.contributions) == 3)
    assert all(part.weight > 0 for part in three.contributions)
    fusion.process.wait_for_line("not trained with 'radar'")
    fusion.wait(lambda: len(fusion.recognitions) > 30)
    assert fusion.process.output.count("not trained with 'radar'") == 1


def test_labels_are_there_for_whoever_comes_late(fusion: Fusion) -> None:
    """Latched: a node that starts after them hears them."""
    with Probe() as late:
        heard = late.listen(Labels, 'labels', LATCHED_QOS)
        late.wait(lambda: heard, what='the latched labels')
        assert list(heard[0].class_ids) == list(fusion.vectors.labels.class_ids)
        assert list(heard[0].names) == list(fusion.vectors.labels.names)
        assert heard[0].labels_id == fusion.vectors.labels.labels_id
