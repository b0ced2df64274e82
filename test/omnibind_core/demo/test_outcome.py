"""The summary: the report's figures in one line."""

from __future__ import annotations

from demo_views import at
from demo_views import new_story
from demo_views import part
from demo_views import run

from omnibind_core.demo.outcome import live_figures
from omnibind_core.demo.outcome import sentence


def test_figures_and_sentence() -> None:
    story = new_story()
    story.truth(at(0.0), 'bed')
    run(story, 0.0, 3.0, {'camera': part()})
    story.truth(at(3.0), '')
    run(story, 3.0, 4.0, {'camera': part()}, score=0.1)
    figures = live_figures(story.answers, story.known_truth())
    assert (figures['recognitions'], figures['top1'], figures['things']) == (40, 1.0, 1)
    assert sentence(figures) == (
        'live: 100 % of the recognitions at things right, 1 of 1 things recognised, '
        '100 % abstain where nothing is'
    )
    offline = {'top1': 0.5, 'abstained_at_nothing': None}
    assert sentence(figures, offline).endswith('; offline 50 % and -')


def test_without_a_truth() -> None:
    story = new_story()
    run(story, 0.0, 1.0, {'camera': part()})
    assert sentence(live_figures(story.answers, None)).startswith('live: 10 recognitions; the bag')
