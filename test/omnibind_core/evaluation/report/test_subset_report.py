"""The report: one file, nothing from outside, every picture drawn, texts escaped."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
import io
import re
import sys
from xml.etree import ElementTree

from measured_table import measured_document
import numpy as np
from PIL import Image
import pytest
from sensor_table import sensor_table

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.report.embedding_picture import chosen_rows
from omnibind_core.evaluation.report.embedding_picture import neighbours_of_the_class
from omnibind_core.evaluation.report.page import facts
from omnibind_core.evaluation.report.page import table
from omnibind_core.evaluation.report.style import drawing
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import picture
from omnibind_core.evaluation.report.subset_pictures import subset_map
from omnibind_core.evaluation.report.subset_report import subset_report
from omnibind_core.evaluation.report.trust_pictures import severity_picture

pytest.importorskip('matplotlib')
pytest.importorskip('sklearn')


class Page(HTMLParser):
    """Collects what a page refers to and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.alternatives: list[str] = []
        self.open: list[str] = []
        self.titles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [str(given[key]) for key in ('src', 'href') if key in given]
        assert tag != 'script'
        if tag == 'img':
            self.alternatives.append(str(given['alt']))
        if tag not in ('img', 'meta'):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == 'h2':
            self.titles.append(data)


@pytest.fixture(scope='module')
def page() -> Page:
    """The report of a small evaluation with a text and two maps."""
    tables = {'Without': sensor_table(seed=1, views=1), 'With': sensor_table(views=1)}
    given = {**measured_document(text=True), 'bundle': 'a <b>bold</b> name'}
    text = subset_report(given, tables)
    assert '<b>bold' not in text
    assert '&lt;b&gt;bold' in text
    assert not re.search(r'https?://', re.sub(r'data:[^"]+', '', text))
    found = Page()
    found.feed(text)
    assert found.open == []
    return found


def test_pictures_are_within_the_page(page: Page) -> None:
    """Eight of them, each readable and with a text; the vector ones load nothing either."""
    assert len(page.addresses) == len(page.alternatives) == 8
    assert all(len(text) > 10 for text in page.alternatives)
    for address in page.addresses:
        head, _, content = address.partition(',')
        raw = base64.b64decode(content)
        if head == 'data:image/png;base64':
            with Image.open(io.BytesIO(raw)) as image:
                assert len(set(image.convert('L').tobytes())) > 50
        else:
            assert head == 'data:image/svg+xml;base64'
            root = ElementTree.fromstring(raw)
            links = [
                value
                for item in root.iter()
                for key, value in item.attrib.items()
                if key.endswith('href')
            ]
            assert all(value.startswith(('#', 'data:')) for value in links)


def test_sections(page: Page) -> None:
    """Everything that was measured has its place."""
    assert page.titles == [
        'What was measured',
        'Goals',
        'Methods',
        'Every subset',
        'One more sensor',
        'A sensor that lies or has nothing to sense',
        'How sure it is',
        'Nothing to sense at all',
        'With a text',
        'The embedding space',
    ]


def test_every_subset_is_in_the_map() -> None:
    """One cell for each method and subset, the figures of the document in them."""
    given = measured_document()
    with drawing():
        drawn = subset_map(given)
        upper, lower = drawn.axes[0], drawn.axes[1]
        values = np.asarray(upper.images[0].get_array())
        assert values.shape == (5, 7)
        texts = {(round(t.get_position()[0]), round(t.get_position()[1])) for t in upper.texts}
        assert len(texts) == 35
        for row in (row for row in given['subsets'] if row['pairing'] == 'instance'):
            column = values[given['methods'].index(row['method'])]
            assert np.isclose(column, 100 * row['top1']).any()
        dots = sum(len(item.get_offsets()) for item in lower.collections)
        assert dots == 3 * 7


def test_what_was_not_measured_is_not_drawn() -> None:
    """No curve of severities without such readings."""
    with drawing():
        assert severity_picture({**measured_document(), 'severity': []}) is None


def test_pictures_are_reproducible() -> None:
    """The same figure gives the same bytes, so that reports can be compared."""
    with drawing():
        first, second = (picture(subset_map(measured_document())) for _ in range(2))
    assert first == second


def test_tables_escape() -> None:
    """Texts from outside are never markup."""
    assert '&lt;i&gt;' in table(['<i>'], [[('<i>', 'a"b'), 1]])
    assert '<i>' not in table(['<i>'], [[('<i>', 'a"b'), 1]]) + facts({'<i>': '<i>'})


def test_neighbours_by_a_loop() -> None:
    """The nearest reading of another sensor and another instance, one at a time."""
    given = sensor_table(views=2, instances=2)
    rows = np.flatnonzero(given.is_clean() & given.informative & (given.fold == 3))
    hits = 0
    for row in rows:
        others = [
            other
            for other in rows
            if given.modality[other] != given.modality[row]
            and given.instance[other] != given.instance[row]
        ]
        nearest = max(others, key=lambda other: float(given.vectors[row] @ given.vectors[other]))
        hits += given.label[nearest] == given.label[row]
    assert neighbours_of_the_class(given, 'test') == pytest.approx(hits / len(rows))
    assert np.isnan(neighbours_of_the_class(sensor_table(sensors=('image',)), 'test'))


def test_points_of_the_map() -> None:
    """Clean readings of sensors in the fold, a thousand at most."""
    few: EmbeddingTable = sensor_table()
    rows = chosen_rows(few, 'test', 0)
    assert (few.is_clean()[rows] & few.informative[rows] & (few.fold[rows] == 3)).all()
    many = sensor_table(instances=40, corrupted=False)
    assert len(chosen_rows(many, 'test', 0)) == 1000


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with what to install."""
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    with pytest.raises(UnavailableError, match=r'matplotlib; install omnibind\[train\]'):
        subset_report(measured_document(), {})


def test_the_look_is_not_left_behind() -> None:
    """Settings of pictures are changed inside the block only."""
    import matplotlib

    before = dict(matplotlib.rcParams)
    with drawing():
        picture(figure(1, 1))
        assert matplotlib.rcParams['axes.grid']
    assert dict(matplotlib.rcParams) == before
