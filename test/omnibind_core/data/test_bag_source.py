"""Reading bags: every storage gives the same, topics are chosen, damage is one sentence."""

from __future__ import annotations

from pathlib import Path

from little_bags import little_bag
from little_bags import Said
from little_bags import SECOND
from little_bags import split_bag
from little_bags import START
import pytest

from omnibind_core.data.bag_source import BagReadError
from omnibind_core.data.bag_source import BagSource

ROOT = Path(__file__).resolve().parents[3]
SAID = [
    Said('/a', 0.0, 'first'),
    Said('/info', 0.1, 'old'),
    Said('/b', 0.5, 'second'),
    Said('/info', 0.6, 'new'),
    Said('/a', 1.0, 'third'),
]


def texts(source: BagSource, start: int = 0, stop: int = 2**62) -> list[tuple[str, str]]:
    """Topic and text of every message; CDR of a string: header, length, text, zero."""
    return [(item.topic, item.data[8:-1].decode()) for item in source.messages(start, stop)]


@pytest.mark.parametrize(
    ('storage', 'compression'),
    [
        ('mcap', ''),
        ('mcap', 'storage'),
        ('sqlite3', ''),
        ('sqlite3', 'file'),
        ('sqlite3', 'message'),
    ],
)
def test_every_storage_gives_the_same(tmp_path: Path, storage: str, compression: str) -> None:
    """In order of time."""
    bag = little_bag(tmp_path / 'bag', SAID, storage=storage, compression=compression)
    with BagSource(bag) as source:
        assert texts(source) == [(item.topic, item.text) for item in SAID]
        assert source.begin == START
        assert START + SECOND <= source.end <= START + SECOND + 1
        assert {name: topic.count for name, topic in source.topics.items()} == {
            '/a': 2,
            '/b': 1,
            '/info': 2,
        }


def test_a_split_bag_is_one(tmp_path: Path) -> None:
    """File after file."""
    bag = split_bag(tmp_path / 'bag', [SAID[:3], SAID[3:]])
    with BagSource(bag) as source:
        assert texts(source) == [(item.topic, item.text) for item in SAID]
        assert source.topics['/a'].count == 2


def test_a_single_file_without_its_metadata(tmp_path: Path) -> None:
    """The MCAP file alone says enough."""
    bag = little_bag(tmp_path / 'bag', SAID, latched={'/info': 3})
    with BagSource(next(bag.glob('*.mcap'))) as source:
        assert len(texts(source)) == len(SAID)
        assert source.topics['/info'].latched


def test_a_stretch_of_time(tmp_path: Path) -> None:
    """From the start on and before the stop."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with BagSource(bag) as source:
        found = texts(source, START + SECOND // 2, START + SECOND)
    assert found == [('/b', 'second'), ('/info', 'new')]


def test_what_was_latched_before(tmp_path: Path) -> None:
    """As many as were kept, not more; nothing before the beginning."""
    for depth, expected in ((1, ['new']), (2, ['old', 'new'])):
        bag = little_bag(tmp_path / f'bag_{depth}', SAID, latched={'/info': depth})
        with BagSource(bag) as source:
            late = source.latched_before(START + SECOND)
            assert [item.data[8:-1].decode() for item in late] == expected
            assert source.latched_before(START) == []
            early = source.latched_before(START + SECOND // 4)
            assert [item.data[8:-1].decode() for item in early] == ['old']


@pytest.mark.parametrize(
    ('include', 'exclude', 'expected'),
    [
        ((), (), {'/a', '/b', '/info'}),
        (('/a',), (), {'/a'}),
        ((), ('/a',), {'/b', '/info'}),
        (('/?',), ('/b',), {'/a'}),
        (('/i*',), (), {'/info'}),
    ],
)
def test_topics_are_chosen(
    tmp_path: Path, include: tuple[str, ...], exclude: tuple[str, ...], expected: set[str]
) -> None:
    """Names or patterns; what is excluded wins."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with BagSource(bag, include=include, exclude=exclude) as source:
        assert set(source.topics) == expected
        assert {topic for topic, _ in texts(source)} == expected


def test_a_topic_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With those that are."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with pytest.raises(BagReadError, match=r'no topic /c; there are /a, /b, /info'):
        BagSource(bag, exclude=('/c',))
    with pytest.raises(BagReadError, match='no message is left'):
        BagSource(bag, include=('/a',), exclude=('/a',))


def test_what_is_no_bag(tmp_path: Path) -> None:
    """Missing, empty, text, and a damaged file: each one sentence with the path."""
    text = tmp_path / 'bag.txt'
    text.write_text('no bag')
    (tmp_path / 'empty').mkdir()
    for path in (tmp_path / 'missing', text, tmp_path / 'empty'):
        with pytest.raises(BagReadError, match=path.name) as caught:
            BagSource(path)
        assert len(str(caught.value).splitlines()) == 1
    bag = little_bag(tmp_path / 'bag', SAID)
    file = next(bag.glob('*.mcap'))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(BagReadError, match='cannot be read'), BagSource(bag) as source:
        texts(source)


def test_the_shipped_bag() -> None:
    """Six best-effort sensors, and two topics that hold from when they are said."""
    with BagSource(ROOT / 'samples' / 'bag_lite') as source:
        latched = {name for name, topic in source.topics.items() if topic.latched}
        assert latched == {'/truth', '/microphone/audio_info'}
        assert all(topic.reliable == topic.latched for topic in source.topics.values())
        assert sum(topic.count for topic in source.topics.values()) == 6711
        middle = source.begin + 40 * SECOND
        assert {item.topic for item in source.latched_before(middle)} == latched
