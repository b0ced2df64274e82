"""A recognition as an overlay's content."""

from __future__ import annotations

import numpy as np
from window_driver import Driver

from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.recognition import Recognized
from omnibind_core.inference.recognition import Share
from omnibind_core.overlay.content import Guess
from omnibind_core.overlay.summary import summary

LABELS = LabelBank(
    class_ids=('cup', 'box'),
    names=('a cup', 'a box'),
    embeddings=np.eye(2, 4, dtype=np.float32),
    space='space',
)


def test_parts_weights_and_names() -> None:
    """A fresh camera, a held lidar, a lost microphone; names for people, not identifiers."""
    driver = Driver()
    driver.send('microphone', 500, at=500)
    driver.regular(lidar=(200, 5, 1800), camera=(100, 5, 2000))
    driver.window.publisher_gone('microphone')
    driver.send('camera', 2100, at=2105)
    driver.run_to(3000)
    closed = driver.closed[-1]
    recognized = Recognized(
        class_ids=('box', 'gone'),
        scores=(0.75, 0.25),
        abstained=False,
        reason='',
        calibrated=False,
        labels_id='x',
        shares=(
            Share('camera', 'image', 0.75, 'box', 0.5),
            Share('lidar', 'point_cloud', 0.25, 'cup', 0.4),
        ),
        embedding=np.zeros(4, np.float32),
    )
    shown = summary(
        closed,
        recognized,
        driver.window.sensors(),
        LABELS,
        silent_for=0.5,
        rate=10.0,
        latency=0.05,
    )
    assert shown.guesses == (Guess('a box', 0.75), Guess('gone', 0.25))
    assert not shown.calibrated
    camera, lidar, microphone = shown.sensors
    assert (camera.sensor, camera.part, camera.weight, camera.says) == (
        'camera',
        'fresh',
        0.75,
        'a box',
    )
    assert (lidar.sensor, lidar.part, lidar.says, lidar.score) == ('lidar', 'held', 'a cup', 0.4)
    assert (microphone.part, microphone.state, microphone.weight) == ('missing', 'lost', 0.0)


def test_before_the_first_recognition_the_sensors_are_shown() -> None:
    """With their states, and nothing recognised."""
    driver = Driver()
    driver.send('camera', 500, at=500)
    shown = summary(
        None, None, driver.window.sensors(), LABELS, silent_for=None, rate=0.0, latency=None
    )
    assert [line.sensor for line in shown.sensors] == ['camera']
    assert shown.guesses == ()
    assert shown.silent_for is None
