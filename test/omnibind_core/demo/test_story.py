"""What was heard becomes what is shown: states of the sensors, events, verdicts, the count."""

from __future__ import annotations

from demo_views import at
from demo_views import new_story
from demo_views import part
from demo_views import run
from demo_views import said
import pytest

from omnibind_core.demo.story import Story
from omnibind_core.demo.view import View
from omnibind_core.evaluation.bag.score import score


def _states(view: View) -> dict[str, str]:
    return {row.name: row.state for row in view.sensors}


def _events(story: Story) -> list[tuple[float, str]]:
    return [(round(event.at, 1), event.text) for event in story.events]


def test_before_anything_is_heard() -> None:
    """Every sensor is listed, and nothing is claimed."""
    view = new_story().view('starting')
    assert set(_states(view).values()) == {'absent', 'quiet'}
    assert (view.there, view.verdict, view.guesses, view.at) == (None, '', (), 0.0)
    assert view.tally.answers == 0
    assert view.note == 'starting'


def test_states_of_the_last_answer() -> None:
    """How each took part, with its weight and its own opinion, and who did not."""
    story = new_story()
    parts = {
        'camera': part(0.7),
        'lidar': part(0.3, held=True, age=0.2),
        'microphone': part(0.0, informative=False),
    }
    run(story, 0.0, 1.0, parts)
    view = story.view()
    assert _states(view) == {
        'camera': 'fresh',
        'thermal': 'absent',
        'event camera': 'absent',
        'lidar': 'held',
        'microphone': 'nothing',
        'touch': 'quiet',
    }
    rows = {row.name: row for row in view.sensors}
    assert (rows['camera'].weight, rows['camera'].says, rows['camera'].score) == (0.7, 'bed', 0.4)
    assert (rows['microphone'].says, rows['thermal'].weight) == ('', 0.0)
    assert rows['camera'].weights[-1] == pytest.approx(0.7)
    assert rows['thermal'].weights[-1] is None


def test_what_the_fusion_node_says_of_those_that_take_no_part() -> None:
    """Late and lost are its words; one that was switched off is not missed."""
    story = new_story()
    run(story, 0.0, 1.0, {name: part() for name in ('camera', 'thermal', 'lidar')})
    run(story, 1.0, 1.8, {'camera': part()})
    story.health({'thermal': 'late', 'microphone': 'disabled'})
    found = _states(story.view())
    assert (found['thermal'], found['lidar'], found['microphone']) == ('late', 'missing', 'off')


def test_a_sensor_goes_and_comes_back() -> None:
    """Told with the time at which it was last heard, and the time at which it spoke again."""
    story = new_story()
    run(story, 0.0, 3.0, {'camera': part(), 'lidar': part()})
    run(story, 3.0, 6.0, {'camera': part()})
    view = story.view()
    assert _states(view)['lidar'] == 'unplugged'
    assert next(row.since for row in view.sensors if row.name == 'lidar') == pytest.approx(2.9)
    run(story, 6.0, 7.0, {'camera': part(), 'lidar': part()})
    assert _events(story) == [(2.9, 'lidar unplugged'), (6.0, 'lidar is back')]
    assert _states(story.view())['lidar'] == 'fresh'


def test_one_that_the_fusion_calls_lost_is_told_sooner() -> None:
    story = new_story()
    run(story, 0.0, 3.0, {'camera': part(), 'lidar': part()})
    run(story, 3.0, 4.2, {'camera': part()})
    assert _events(story) == []
    story.health({'lidar': 'lost'})
    story.clock(at(4.3))
    assert _events(story) == [(2.9, 'lidar unplugged')]


def test_late_vectors_are_signs_of_life() -> None:
    """They take part as held ones with new stamps; one stamp again and again is none."""
    story = new_story()
    for tick in range(60):
        parts = {'camera': part(), 'lidar': part(held=True, age=0.3)}
        story.answer(*said(1.0 + tick / 10, 'bed', parts))
        story.clock(at(1.05 + tick / 10))
    assert _events(story) == []
    for tick in range(30):
        parts = {'camera': part(), 'lidar': part(held=True, age=0.4 + tick / 10)}
        story.answer(*said(7.0 + tick / 10, 'bed', parts))
        story.clock(at(7.05 + tick / 10))
    assert _events(story) == [(6.6, 'lidar unplugged')]


def test_vectors_that_take_no_part_are_signs_of_life_too() -> None:
    """And on a busy machine they come long after their stamps."""
    story = new_story()
    run(story, 0.0, 3.0, {'camera': part(), 'lidar': part()})
    for tick in range(6):
        story.vector('lidar', at(3.0 + tick / 2))
        run(story, 4.0 + tick / 2, 4.5 + tick / 2, {'camera': part()})
    assert _events(story) == []
    run(story, 7.0, 9.0, {'camera': part()})
    assert _events(story) == [(5.5, 'lidar unplugged')]


def test_one_that_comes_later_is_plugged_in_and_a_fingertip_never_is() -> None:
    """Who speaks at once was there from the begin; touch is silent where nothing is touched."""
    story = new_story()
    run(story, 0.0, 5.0, {'camera': part()})
    run(story, 5.0, 6.0, {'camera': part(), 'thermal': part(), 'touch': part()})
    run(story, 6.0, 9.0, {'camera': part(), 'thermal': part()})
    assert _events(story) == [(5.0, 'thermal plugged in')]
    assert _states(story.view())['touch'] == 'quiet'


def test_after_the_end_of_the_bag_nobody_is_missed() -> None:
    story = new_story(length=3.0)
    run(story, 0.0, 3.0, {'camera': part()})
    story.clock(at(9.0))
    assert _events(story) == []
    assert story.view().at == 3.0


def test_verdicts() -> None:
    """Right and wrong at a thing; at nothing only abstaining is right; unknown without a truth."""
    story = new_story()
    story.answer(*said(0.1, 'bed', {'camera': part()}))
    assert story.view().verdict == 'unknown'
    story.truth(at(0.0), 'bed')
    assert story.view().verdict == 'right'
    story.answer(*said(0.2, 'media_device', {'camera': part()}))
    assert (story.view().verdict, story.view().says) == ('wrong', 'media device')
    story.answer(*said(0.3, 'bed', {'camera': part()}, score=0.2))
    assert story.view().verdict == 'abstained'
    story.truth(at(0.35), '')
    story.answer(*said(0.4, 'bed', {'camera': part()}, score=0.2))
    story.clock(at(0.45))
    view = story.view()
    assert (view.verdict, view.there, view.says) == ('right', '', '')


def test_why_it_abstains() -> None:
    """Nothing to sense, even beside older vectors that had something; or not sure enough."""
    story = new_story()
    story.answer(*said(0.1, 'bed', {'camera': part()}, score=0.2))
    assert story.view().why == 'not sure enough: 0.20, of 0.25 that it wants'
    nothing = {'camera': part(0.0, informative=False), 'lidar': part(0.0, held=True)}
    story.answer(*said(0.2, 'bed', nothing))
    assert story.view().why == 'no sensor has anything to sense'


def test_a_truth_that_comes_after_the_answers_judges_them() -> None:
    story = new_story()
    run(story, 0.0, 2.0, {'camera': part()})
    assert set(story.view().verdicts) == {'unknown'}
    story.truth(at(0.0), 'bed')
    assert set(story.view().verdicts) == {'right'}


def test_a_latched_truth_that_is_heard_again_changes_nothing() -> None:
    story = new_story()
    for _ in range(2):
        story.truth(at(0.0), 'bed')
    assert _events(story) == [(0.0, 'now there: bed')]


def test_the_count_is_the_reports() -> None:
    story = new_story()
    story.truth(at(0.0), 'bed')
    run(story, 0.0, 2.0, {'camera': part()})
    run(story, 2.0, 3.0, {'camera': part()}, class_id='sofa')
    story.truth(at(3.0), '')
    run(story, 3.0, 4.0, {'camera': part()}, score=0.1)
    run(story, 4.0, 4.5, {'camera': part()})
    story.clock(at(5.0))
    count, truth = story.view().tally, story.known_truth()
    assert truth is not None
    found = score(story.answers, truth)
    assert (count.answers, count.things, count.recognised) == (45, 1, 1)
    assert count.right == found['top1'] == pytest.approx(2 / 3)
    assert count.abstained_at_nothing == found['abstained_at_nothing'] == pytest.approx(2 / 3)


def test_an_old_answer_does_not_stand_for_ever() -> None:
    """After a silence of more than a second and a half nothing is said."""
    story = new_story()
    run(story, 0.0, 1.0, {'camera': part()})
    assert story.view().rate == pytest.approx(10.0)
    assert story.view().latency == pytest.approx(0.05)
    story.clock(at(3.0))
    view = story.view()
    assert (view.verdict, view.guesses) == ('', ())
    assert _states(view)['camera'] == 'unplugged'
