"""The report of bags: complete in itself, and true to the figures."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
import re
from types import SimpleNamespace
from typing import Any

from bag_answers import answer
from bag_answers import at
from bag_answers import part
from bag_answers import truth
import numpy as np
import pytest

from omnibind_core.evaluation.bag.document import answers_document
from omnibind_core.evaluation.bag.summary import summary
from omnibind_core.evaluation.report.bag_report import bag_report
from omnibind_core.evaluation.report.bag_report import timeline_png
from omnibind_core.evaluation.report.bag_timeline import RIGHT
from omnibind_core.evaluation.report.bag_timeline import timeline
from omnibind_core.evaluation.report.bag_timeline import WRONG
from omnibind_core.evaluation.report.style import drawing

pytest.importorskip('matplotlib')

TRUTH = truth((0.0, 1.0, ''), (1.0, 3.0, 'cup'), (3.0, 4.0, '<b>sofa</b>'))
NAMES = {'camera': 'image', 'lidar': 'point_cloud'}


def shown(name: str = 'bag <one>', *, known: bool = True) -> Any:
    """A bag of four seconds: right at the cup, wrong at the sofa, a lidar that comes and goes."""
    answers = []
    for n in range(16):
        parts = {'camera': part('cup', weight=0.6 if n < 12 else 1.0)}
        if n < 12:
            parts['lidar'] = part('x', weight=0.4, held=n % 2 > 0)
        states = {'camera': 'periodic', 'lidar': 'late' if n < 3 else 'periodic'}
        missing = () if n < 12 else ('lidar',)
        said = '' if n < 4 else 'cup'
        answers.append(answer(0.25 * n, said, parts=parts, missing=missing, states=states))
    told = TRUTH if known else None
    document = {
        'bag': name,
        'simulated': True,
        'evaluated': True,
        'duration_s': 4.0,
        'bundle': 'tiny-1',
        'problems': ['lidar: "something" & <else>'],
        'timings': {'wall_s': 1.0, 'cpu_s': 2.0},
        'realtime_factor': 4.0,
        'sensors': {
            sensor: {
                'modality': kind,
                'topic': f'/{sensor}/data',
                'messages': 16,
                'vectors': 16,
                'counts': {'encoded': 16, 'received': 16},
                'latency_ms': {'p50': 30.0, 'p95': 40.0, 'p99': 41.0, 'max': 42.0},
            }
            for sensor, kind in NAMES.items()
        },
        'drops': {
            'vectors': 32,
            'outcomes': {'fresh': 32},
            'by_sensor': {'camera': {'fresh': 16}},
            'recognitions_held_back': 3,
        },
        **answers_document(answers, told),
    }
    if known:
        scores = {key: document[key] for key in ('right_at_things', 'at_things', 'time')}
        document['per_subset'] = {'camera': scores, 'lidar': scores, 'camera+lidar': scores}
    pixels = np.full((16, 16, 3), 90, np.uint8)
    return SimpleNamespace(
        document=document,
        answers=tuple(answers),
        truth=told,
        pictures={'camera': {0: pixels, 1: pixels}, 'lidar': {}},
        moments=(at(0.5), at(2.0), at(3.5)),
        begin=0,
        end=at(4.0),
    )


def made(*bags: Any) -> str:
    """The page of some bags."""
    documents = [bag.document for bag in bags]
    found = summary(documents, [bag.answers for bag in bags])
    found |= {
        'problems': [text for one in documents for text in one['problems']],
        'bags': documents,
        'realtime_factor': 4.0,
    }
    return bag_report(found, bags)


@pytest.fixture(scope='module')
def page() -> str:
    """Of one bag."""
    return made(shown())


class _Addresses(HTMLParser):
    """All that a browser might fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        names = ('src', 'href', 'srcset', 'data', 'action', 'poster', 'xlink:href')
        self.found += [value or '' for name, value in attrs if name in names]


def test_it_asks_for_nothing_outside_itself(page: str) -> None:
    """No script, font, style or picture from anywhere; the browser is told so, too."""
    parser = _Addresses()
    parser.feed(page)
    assert len(parser.found) >= 5
    assert all(address.startswith('data:image/') for address in parser.found)
    assert not parser.tags & {'script', 'link', 'iframe', 'object', 'embed', 'form', 'base'}
    assert "default-src 'none'" in page
    outside = re.sub(r'data:[^"]+', '', page)
    assert not re.search(r'https?:|url\(|@import', outside)
    for kind, content in re.findall(r'data:image/([^;]+);base64,([^"]+)', page):
        if kind != 'svg+xml':
            continue
        drawn = base64.b64decode(content).decode()
        links = re.findall(r'(?:xlink:)?href="([^"]+)"', drawn)
        assert all(link.startswith(('#', 'data:image/png')) for link in links)
        assert '<script' not in drawn


def test_it_tells_the_figures(page: str) -> None:
    """Eight of twelve recognitions at things are right; what a bag says is escaped."""
    assert '<b>66.7\N{NO-BREAK SPACE}%</b>' in page
    assert '1 of 2</b>' in page
    assert 'simulated' in page
    assert '&quot;something&quot; &amp; &lt;else&gt;' in page
    assert 'bag &lt;one&gt;' in page
    assert '<b>sofa' not in page
    assert '3 held back by max_rate' in page
    assert page.count('<img alt="camera"') == 2
    assert page.count('<div class="none">') == 4


def test_what_is_right_is_green() -> None:
    """The runs of equal answers: abstained, cup over the cup, cup over the sofa."""
    with drawing():
        drawn = timeline(shown())
        said = drawn.axes[2]
    runs = [
        (round(bar.get_x(), 2), round(bar.get_width(), 2), bar.get_facecolor())
        for bar in said.patches
    ]
    from matplotlib.colors import to_rgba

    assert runs[1:] == [(1.0, 2.0, to_rgba(RIGHT)), (3.0, 1.75, to_rgba(WRONG))]
    assert runs[0][:2] == (0.0, 1.0)


def test_the_same_bag_gives_the_same_page(page: str) -> None:
    """Byte by byte."""
    assert made(shown()) == page


def test_several_bags_and_one_without_a_truth() -> None:
    """Nobody can tell what is right then; everything else is there."""
    text = made(shown('first'), shown('second', known=False))
    assert 'Every bag' in text
    assert 'The story: second' in text
    assert 'Classes: second' not in text


def test_a_picture_file() -> None:
    """PNG, the same each time."""
    assert timeline_png(shown()).startswith(b'\x89PNG')
