"""Bags evaluated offline: no node, no middleware; every fault is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scored_bag import CAMERA
from scored_bag import robot_file
from scored_bag import scored_bag
from scored_bag import START
from scored_bag import THERMAL
import tiny_bundle

from omnibind_core.configuration.robot import read_robot
from omnibind_core.data.bag_source import BagSource
from omnibind_core.evaluation.bag.document import text_of
from omnibind_core.evaluation.bag.document import without_timings
from omnibind_ros.bag_evaluation.evaluate import evaluate_bag
from omnibind_ros.bag_evaluation.options import BagResult
from omnibind_ros.bag_evaluation.options import Options

pytest.importorskip('rosbags')


@pytest.fixture(scope='module')
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle, a robot, and a bag of two seconds."""
    folder = tmp_path_factory.mktemp('bags')
    tiny_bundle.make(folder / 'bundle')
    robot_file(folder, folder / 'bundle')
    scored_bag(folder / 'bag', said=[(0.2, ''), (0.7, 'mug'), (1.7, 'mug')])
    return folder


@pytest.fixture(scope='module')
def options(made: Path) -> Options:
    """What is done with a bag."""
    return Options(bundle=made / 'bundle', robot=read_robot(made / 'robot.yaml'))


@pytest.fixture(scope='module')
def result(made: Path, options: Options) -> BagResult:
    """Of the good bag."""
    return evaluate_bag(made / 'bag', replace(options, pictures=True))


def test_everything_is_measured(result: BagResult) -> None:
    """20 pictures and 10 of the thermal camera: each message and vector has one outcome."""
    document = result.document
    assert document['problems'] == []
    assert document['evaluated']
    assert document['duration_s'] == pytest.approx(1.92)
    assert document['sensors']['camera']['counts'] == {'encoded': 20, 'received': 20}
    assert document['sensors']['thermal']['vectors'] == 10
    assert document['drops']['vectors'] == 30
    assert sum(document['drops']['outcomes'].values()) == 30
    assert document['recognitions'] == len(result.answers) == 20
    assert (document['at_things'], document['at_nothing']) == (15, 5)
    assert set(document['per_subset']) == {'camera', 'thermal', 'camera+thermal'}
    assert document['realtime_factor'] > 0


def test_latency_is_the_bags_and_the_configured_delay(made: Path, options: Options) -> None:
    """20 ms into the bag, and what encoding is said to take; a slow encoder drops."""
    slow = replace(options, delay=0.03, delays={'camera': 0.15}, subsets=False)
    sensors = evaluate_bag(made / 'bag', slow).document['sensors']
    assert sensors['thermal']['latency_ms']['max'] == pytest.approx(50.0)
    assert sensors['camera']['latency_ms']['p50'] >= 170.0
    counts = sensors['camera']['counts']
    assert counts['replaced'] > 0
    assert counts['replaced'] + counts['encoded'] == counts['received'] == 20


def test_all_sensors_are_as_recorded(result: BagResult) -> None:
    """The subset of all, whose windows are fused many at once, says what one by one said."""
    whole = result.document['per_subset']['camera+thermal']
    assert whole == {name: result.document[name] for name in whole}


def test_a_subset_is_a_bag_without_the_others(
    made: Path, options: Options, result: BagResult
) -> None:
    """Scored from one sensor's messages alone, by the path of the recorded availability."""
    assert options.robot is not None
    (camera, _) = options.robot.encoders
    alone = replace(options, robot=replace(options.robot, encoders=(camera,)), subsets=False)
    document = evaluate_bag(made / 'bag', alone).document
    expected = result.document['per_subset']['camera']
    assert expected == {name: document[name] for name in expected}


def test_two_runs_are_the_same(made: Path, options: Options, result: BagResult) -> None:
    """All but what was measured with a clock, digit by digit."""
    again = evaluate_bag(made / 'bag', options).document
    assert text_of(without_timings(again)) == text_of(without_timings(result.document))


def test_pictures_are_of_each_stretch_of_the_truth(result: BagResult) -> None:
    """Of both cameras, in the middle of nothing, mug and chair."""
    assert [(one - START) / 1e9 for one in result.moments] == pytest.approx(
        [0.26, 1.0, 1.71], abs=0.02
    )
    for name in ('camera', 'thermal'):
        assert set(result.pictures[name]) == {0, 1, 2}
        assert result.pictures[name][0].shape == (128, 128, 3)


def test_recorded_recognitions_are_scored(result: BagResult) -> None:
    """By hand: mug at the mug, mug at the chair, and an abstention at nothing."""
    recorded = result.document['recorded']['/omnibind/recognition']
    assert (recorded['recognitions'], recorded['top1']) == (3, 0.5)
    assert recorded['abstained_at_nothing'] == 1.0
    assert recorded['latency_ms']['total']['max'] == pytest.approx(50.0)
    assert recorded['per_sensor']['camera']['alone_top1'] == 0.5


@pytest.mark.parametrize(
    'how', [{'storage': 'sqlite3'}, {'compression': 'file'}, {'compression': 'storage'}], ids=str
)
def test_whatever_the_file_is(
    tmp_path: Path, options: Options, result: BagResult, how: dict[str, str]
) -> None:
    """SQLite and compressed files give the same figures."""
    path = scored_bag(tmp_path / 'bag', **how)  # type: ignore[arg-type]
    document = evaluate_bag(path, replace(options, subsets=False)).document
    assert document['problems'] == []
    for name in ('top1', 'recognitions', 'confusion', 'sensors'):
        assert document[name] == result.document[name]


def test_the_fusions_settings_count(made: Path, options: Options) -> None:
    """A sensor that is disabled takes no part; recognitions are limited by `max_rate`."""
    path = robot_file(made, made / 'bundle', disabled_sensors=['thermal'], max_rate=5.0)
    robot = read_robot(path)
    robot_file(made, made / 'bundle')
    document = evaluate_bag(made / 'bag', replace(options, robot=robot)).document
    assert document['drops']['by_sensor']['thermal'] == {'disabled': 10}
    assert document['recognitions'] == 10
    assert document['drops']['recognitions_held_back'] == 10
    assert set(document['per_subset']) == {'camera'}


def test_truth_from_a_table(tmp_path: Path, made: Path, options: Options) -> None:
    """Seconds from the bag's begin; it takes the topic's place."""
    path = tmp_path / 'truth.csv'
    path.write_text('begin_s,end_s,class_id\n0,1,\n1,9,chair\n')
    document = evaluate_bag(made / 'bag', replace(options, truth=str(path))).document
    assert list(document['per_class']) == ['chair']
    assert document['at_nothing'] == 10


def evaluated(path: Path, options: Options) -> tuple[dict[str, Any], list[str]]:
    """The document and what is wrong, without subsets."""
    document = evaluate_bag(path, replace(options, subsets=False)).document
    assert all('\n' not in text for text in document['problems'])
    return document, document['problems']


def test_no_truth(tmp_path: Path, options: Options) -> None:
    """Said; everything that needs none is there."""
    document, problems = evaluated(scored_bag(tmp_path / 'bag', truth=()), options)
    (problem,) = problems
    assert problem.startswith('no truth: ')
    assert '--truth' in problem
    assert (document['recognitions'], document['top1']) == (20, None)
    assert document['latency_ms']['total']['p50'] > 0
    assert document['per_sensor']['camera']['fresh'] == 1.0


def test_a_truncated_bag(tmp_path: Path, options: Options) -> None:
    """A file is named of which nothing is left; of one without its end everything is read."""
    path = scored_bag(tmp_path / 'bag')
    (file,) = path.glob('*.mcap')
    content = file.read_bytes()
    file.write_bytes(content[:-20])
    document, problems = evaluated(path, options)
    assert document['recognitions'] == 20
    assert len(problems) == 1
    assert 'what was recorded before the damage, 1.9 s, is evaluated' in problems[0]
    file.write_bytes(content[: len(content) // 2])
    document, problems = evaluated(path, options)
    assert not document['evaluated']
    (problem,) = problems
    assert str(path) in problem
    assert 'cannot be read' in problem


def test_an_empty_bag_and_none(tmp_path: Path, options: Options) -> None:
    """One sentence each."""
    empty = scored_bag(tmp_path / 'empty', seconds=0, truth=())
    assert evaluated(empty, options)[1] == [f'{empty}: the bag is empty: there is no message in it']
    missing = tmp_path / 'missing'
    assert 'there is no such bag' in evaluated(missing, options)[1][0]


def test_a_topic_of_another_type(tmp_path: Path, options: Options) -> None:
    """That sensor is left out, with what the topic is; the other one goes on."""
    path = scored_bag(tmp_path / 'bag', camera='std_msgs/msg/String')
    document, problems = evaluated(path, options)
    (problem,) = problems
    assert f'camera is left out: topic {CAMERA} is std_msgs/msg/String' in problem
    assert list(document['sensors']) == ['thermal']
    assert document['recognitions'] == 10


def test_a_missing_topic(made: Path, options: Options) -> None:
    """Named, with those that there are."""
    assert options.robot is not None
    camera, thermal = options.robot.encoders
    wrong = replace(camera, parameters=replace(camera.parameters, topic='/rear/image'))
    robot = replace(options.robot, encoders=(wrong, thermal))
    document, problems = evaluated(made / 'bag', replace(options, robot=robot))
    (problem,) = problems
    assert 'camera is left out: the bag has no topic /rear/image' in problem
    assert THERMAL in problem
    assert document['recognitions'] == 10


def test_a_bundle_without_a_modality(tmp_path: Path, made: Path, options: Options) -> None:
    """The sensor is left out."""
    bundle = tiny_bundle.make(tmp_path / 'other', modalities=('image',))
    document, problems = evaluated(made / 'bag', replace(options, bundle=bundle))
    assert problems == ['thermal is left out: the bundle has no encoder for thermal; it has image']
    assert list(document['sensors']) == ['camera']


def test_a_bundle_that_is_none(tmp_path: Path, made: Path, options: Options) -> None:
    """What the robot said while it was recorded is scored all the same."""
    document, problems = evaluated(made / 'bag', replace(options, bundle=tmp_path / 'none'))
    assert len(problems) == 1
    assert str(tmp_path / 'none') in problems[0]
    assert document['recorded']['/omnibind/recognition']['top1'] == 0.5
    assert document['evaluated']


def test_a_truth_of_other_classes(tmp_path: Path, options: Options) -> None:
    """The bundle cannot know them."""
    path = scored_bag(tmp_path / 'bag', truth=((0.0, 'dragon'),))
    document, problems = evaluated(path, options)
    assert len(problems) == 1
    assert 'truth names dragon, which the bundle has no label for' in problems[0]
    assert document['top1'] == 0.0


@pytest.mark.parametrize(
    ('topic', 'off', 'said'),
    [
        (CAMERA, 3600.0, r'camera: stamps are 3600 s ahead'),
        (THERMAL, -30.0, r'thermal: stamps are 30 s behind'),
    ],
)
def test_a_clock_that_is_off(
    tmp_path: Path, options: Options, topic: str, off: float, said: str
) -> None:
    """Said of the sensor; the other one is recognised from."""
    path = scored_bag(tmp_path / 'bag', clock_off={topic: off})
    document, problems = evaluated(path, options)
    assert any(text.startswith(said) for text in problems), problems
    assert document['recognitions'] > 5


def test_a_truth_of_another_time(tmp_path: Path, made: Path, options: Options) -> None:
    """No recognition falls into it, which is said."""
    path = tmp_path / 'truth.csv'
    path.write_text('begin_ns,end_ns,class_id\n1,2,mug\n')
    document, problems = evaluated(made / 'bag', replace(options, truth=str(path)))
    assert any('clock of the truth is not synchronised' in text for text in problems)
    assert document['recognitions'] == 20


def test_sensors_proposed_from_the_types(made: Path, options: Options, result: BagResult) -> None:
    """Without a parameter file: the same sensors, the same figures."""
    document = evaluate_bag(made / 'bag', replace(options, robot=None)).document
    assert document['problems'] == []
    assert document['per_subset'] == result.document['per_subset']


def test_messages_that_are_damaged(tmp_path: Path, made: Path, options: Options) -> None:
    """They are refused and counted, and said when they are many."""
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer

    from omnibind_core.data.message_definitions import message_store

    store = message_store()
    with (
        BagSource(made / 'bag', include=[CAMERA, THERMAL]) as bag,
        Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.MCAP) as writer,
    ):
        connections = {
            name: writer.add_connection(name, topic.message, typestore=store)
            for name, topic in bag.topics.items()
        }
        for number, item in enumerate(bag.messages(bag.begin, bag.end + 1)):
            cut = item.topic == CAMERA and number % 2
            data = item.data[:40] if cut else item.data
            writer.write(connections[item.topic], item.received, data)
    document, problems = evaluated(tmp_path / 'bag', options)
    counts = document['sensors']['camera']['counts']
    assert counts['received'] == 20
    assert 0 < counts['encoded'] < 20
    assert sum(n for name, n in counts.items() if name != 'received') == 20
    assert any('camera: ' in text and 'of 20 messages are refused' in text for text in problems)


def test_steps_are_counted(made: Path, options: Options) -> None:
    """One for each sensor, one for the rest."""
    steps: list[int] = []
    count: Callable[[int], None] = steps.append
    evaluate_bag(made / 'bag', replace(options, subsets=False), step=count)
    assert steps == [1, 1, 1]
