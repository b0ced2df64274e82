"""The cache of embeddings: found by content, kept by space, complete after a crash."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from hypothesis.stateful import RuleBasedStateMachine
import numpy as np
import pytest
from safetensors.numpy import load_file

from omnibind_core.data.embedding_cache import content_key
from omnibind_core.data.embedding_cache import EmbeddingCache
from omnibind_core.data.embedding_cache import missing_keys
from omnibind_core.data.errors import CacheError

KEYS = [content_key(bytes([number])) for number in range(8)]


def vector(number: int) -> np.ndarray:
    return np.full((1, 4), number, np.float32)


def open_cache(folder: Path) -> EmbeddingCache:
    return EmbeddingCache(folder, space='s', dimension=4)


def test_keys_depend_on_the_parts() -> None:
    """Not only on what they are joined to."""
    assert content_key(b'ab', b'c') != content_key(b'a', b'bc') != content_key(b'abc')
    assert content_key(b'ab') == content_key(b'ab')
    assert len(KEYS[0]) == 32


def test_what_is_flushed_is_there_again(tmp_path: Path) -> None:
    """In a file that safetensors alone reads."""
    cache = open_cache(tmp_path / 'c')
    cache.put(KEYS[:2], np.concatenate([vector(1), vector(2)]))
    cache.flush()
    cache.flush()
    (file,) = (tmp_path / 'c').glob('*.safetensors')
    assert load_file(file)['vectors'].shape == (2, 4)
    vectors, known = open_cache(tmp_path / 'c').get([KEYS[1], KEYS[5], KEYS[0]])
    assert known.tolist() == [True, False, True]
    assert vectors[:, 0].tolist() == [2.0, 0.0, 1.0]
    assert missing_keys(cache, [KEYS[3], KEYS[0], KEYS[3]]) == [KEYS[3]]
    assert KEYS[0] in cache


def test_a_damaged_file_is_left_out(tmp_path: Path) -> None:
    """And named; the rest stays."""
    cache = open_cache(tmp_path)
    for number in range(2):
        cache.put(KEYS[number : number + 1], vector(number))
        cache.flush()
    file = sorted(tmp_path.glob('*.safetensors'))[0]
    file.write_bytes(file.read_bytes()[:-3])
    again = open_cache(tmp_path)
    assert again.damaged == (file,)
    assert len(again) == 1


def test_spaces_are_not_mixed(tmp_path: Path) -> None:
    """Another space, dimension or an unreadable mark: one sentence."""
    open_cache(tmp_path)
    with pytest.raises(CacheError, match='choose another folder'):
        EmbeddingCache(tmp_path, space='other', dimension=4)
    with pytest.raises(CacheError, match='choose another folder'):
        EmbeddingCache(tmp_path, space='s', dimension=5)
    (tmp_path / 'space.json').write_text('{')
    with pytest.raises(CacheError, match='cannot be read'):
        open_cache(tmp_path)


@pytest.mark.parametrize('given', [np.zeros((2, 4)), np.zeros((1, 3)), np.full((1, 4), np.nan)])
def test_unusable_vectors(tmp_path: Path, given: np.ndarray) -> None:
    """Wrong shape, or not finite."""
    with pytest.raises(CacheError):
        open_cache(tmp_path).put(KEYS[:1], given.astype(np.float32))


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is written the next time."""
    cache = open_cache(tmp_path)
    cache.put(KEYS[:1], vector(1))

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, 'No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr('omnibind_core.data.embedding_cache.write_atomically', full)
        with pytest.raises(OSError, match='No space'):
            cache.flush()
    cache.flush()
    assert len(open_cache(tmp_path)) == 1


class CacheMachine(RuleBasedStateMachine):
    """Against a dictionary: puts, flushes, and processes that die before flushing."""

    @initialize()
    def begin(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.cache = open_cache(Path(self.folder.name))
        self.written: dict[int, float] = {}
        self.waiting: dict[int, float] = {}

    @rule(number=st.integers(0, 7), value=st.integers(0, 3))
    def put(self, number: int, value: int) -> None:
        self.cache.put([KEYS[number]], vector(value))
        if number not in self.written:
            self.waiting.setdefault(number, float(value))

    @rule()
    def flush(self) -> None:
        self.cache.flush()
        self.written.update(self.waiting)
        self.waiting.clear()

    @rule()
    def die(self) -> None:
        self.cache = open_cache(Path(self.folder.name))
        self.waiting.clear()

    @invariant()
    def holds_what_it_should(self) -> None:
        vectors, known = self.cache.get(KEYS)
        expected = {**self.written, **self.waiting}
        assert {i for i in range(8) if known[i]} == set(expected)
        assert all(vectors[i, 0] == value for i, value in expected.items())

    def teardown(self) -> None:
        if hasattr(self, 'folder'):
            self.folder.cleanup()


TestCacheMachine = CacheMachine.TestCase
TestCacheMachine.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
