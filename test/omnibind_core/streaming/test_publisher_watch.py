"""Whose publisher is gone: by the nodes' names where they are the sensors', by any other else."""

from __future__ import annotations

from omnibind_core.streaming.publisher_watch import PublisherWatch


def test_a_sensor_goes_and_returns_with_the_node_of_its_name() -> None:
    """Whatever other publishers there are."""
    watch = PublisherWatch()
    watch.heard('camera')
    watch.heard('lidar')
    assert watch.look(['camera', 'lidar']) == ((), ())
    assert watch.look(['lidar', 'other']) == (('camera',), ())
    assert watch.look(['lidar']) == ((), ())
    assert watch.look(['lidar', 'camera']) == ((), ('camera',))


def test_sensors_of_a_node_of_another_name_go_with_the_last_such_node() -> None:
    """A gateway sends two sensors; one named sensor more does not keep them."""
    watch = PublisherWatch()
    for name in ('left', 'right', 'camera'):
        watch.heard(name)
    assert watch.look(['gateway', 'camera']) == ((), ())
    assert watch.look(['camera']) == (('left', 'right'), ())
    assert watch.look(['camera', 'gateway', 'gateway']) == ((), ('left', 'right'))


def test_the_graph_may_learn_a_name_late() -> None:
    """Until then the publisher is one without a name, and the sensor is not lost."""
    watch = PublisherWatch()
    watch.heard('camera')
    assert watch.look(['_NODE_NAME_UNKNOWN_']) == ((), ())
    assert watch.look(['camera']) == ((), ())
    assert watch.look([]) == (('camera',), ())


def test_a_vector_proves_that_its_publisher_is_there() -> None:
    """So it can go again, although the graph never said that it was back."""
    watch = PublisherWatch()
    watch.heard('camera')
    watch.look(['camera'])
    assert watch.look([]).gone == ('camera',)
    watch.heard('camera')
    assert watch.look([]).gone == ('camera',)


def test_two_publishers_of_one_name_are_told() -> None:
    """Such a sensor's vectors push each other out."""
    watch = PublisherWatch()
    watch.heard('camera')
    watch.look(['camera', 'camera', 'gateway', 'gateway'])
    assert watch.doubled == ('camera',)
    assert watch.publishers == 4


def test_names_do_not_make_it_grow_without_end() -> None:
    """What comes over the wire is not to be trusted."""
    watch = PublisherWatch(most=10)
    for number in range(100):
        watch.heard(f'sensor {number}')
    assert len(watch.look([]).gone) == 10
