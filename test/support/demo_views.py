"""Stories and views of the demo, without a robot."""

from __future__ import annotations

from collections.abc import Mapping

from omnibind_core.demo.story import Story
from omnibind_core.demo.view import View
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.answers import Part

SECOND = 1_000_000_000
BEGIN = 1_700_000_000 * SECOND
SENSORS = {
    'camera': 'image',
    'thermal': 'thermal',
    'event_camera': 'event',
    'lidar': 'point_cloud',
    'microphone': 'audio',
    'touch': 'touch',
}


def at(seconds: float) -> int:
    """ROS time of a second of the bag."""
    return BEGIN + round(seconds * SECOND)


def new_story(**given: object) -> Story:
    """A story of six sensors and 20 seconds."""
    choices = {
        'title': 'bag_lite, simulated',
        'sensors': SENSORS,
        'sporadic': ('touch',),
        'begin': BEGIN,
        'length': 20.0,
        'names': {'bed': 'bed', 'media_device': 'media device'},
        'threshold': 0.25,
    }
    return Story(**{**choices, **given})  # type: ignore[arg-type]


def part(
    weight: float = 0.5, *, held: bool = False, informative: bool = True, age: float = 0.0
) -> Part:
    """What a sensor brought; alone it would have said a bed."""
    return Part(held, informative, weight, 'bed' if informative else '', 0.4, age)


def said(
    seconds: float, class_id: str, parts: Mapping[str, Part], *, score: float = 0.6
) -> tuple[Answer, list[tuple[str, float]]]:
    """A recognition 50 ms after its stamp; below 0.25 it abstained."""
    informative = any(one.informative for one in parts.values() if not one.held)
    answer = Answer(
        stamp=at(seconds),
        said=at(seconds + 0.05),
        added=None,
        abstained=score < 0.25 or not informative,
        class_id=class_id,
        score=score,
        reason='',
        closed_by='complete',
        parts=dict(parts),
        missing=(),
        states={},
    )
    return answer, [(class_id, score), ('sofa', 0.2), ('media_device', 0.1), ('cup', 0.05)]


def run(story: Story, begin: float, end: float, parts: Mapping[str, Part], **given: object) -> None:
    """Ten answers a second, each followed by the clock."""
    class_id = str(given.pop('class_id', 'bed'))
    for tick in range(round(begin * 10), round(end * 10)):
        story.answer(*said(tick / 10, class_id, parts, **given))  # type: ignore[arg-type]
        story.clock(at(tick / 10 + 0.05))


def busy_view() -> View:
    """A moment of a bag with every state of a sensor that there is."""
    story = new_story()
    story.truth(at(0.0), '')
    uninformative = part(0.0, informative=False)
    run(story, 0.0, 4.0, dict.fromkeys(('camera', 'lidar', 'microphone'), uninformative))
    story.truth(at(4.0), 'bed')
    seen = {'camera': part(0.6), 'lidar': part(0.4, held=True), 'microphone': uninformative}
    run(story, 4.0, 9.0, {**seen, 'event_camera': part(0.2)})
    story.truth(at(9.0), 'media_device')
    run(story, 9.0, 12.0, {'camera': part(0.7), 'microphone': part(0.3)})
    return story.view()
