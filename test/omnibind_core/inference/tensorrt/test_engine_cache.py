"""Faults of every kind in the engine cache."""

from __future__ import annotations

from dataclasses import replace
import errno
import fcntl
import os
from pathlib import Path
import stat
import subprocess
import sys
import threading

import pytest
from strict_rig import MODEL
from strict_rig import PROFILE
from strict_rig import rig

from omnibind_core.inference.tensorrt.cuda_api import Device
from omnibind_core.inference.tensorrt.engine_cache import EngineCache
from omnibind_core.inference.tensorrt.engine_file import MAGIC
from omnibind_core.inference.tensorrt.engine_key import engine_key
from omnibind_core.inference.tensorrt.engine_key import EngineKey
from omnibind_core.inference.tensorrt.errors import EngineCacheError
from omnibind_core.inference.tensorrt.private_folder import default_folder
from omnibind_core.inference.tensorrt.settings import TensorRtSettings

PLAN = bytes(range(256)) * 40
ROOT = Path(__file__).resolve().parents[4]


def key() -> EngineKey:
    return engine_key(rig().toolkit, MODEL, PROFILE, TensorRtSettings(max_batch=3))


@pytest.fixture()
def cache(tmp_path: Path) -> EngineCache:
    return EngineCache(tmp_path / 'engines')


def stored(cache: EngineCache) -> Path:
    return cache.store(key(), PLAN, name='m.onnx', seconds=1.0)


def test_what_is_stored_is_loaded(cache: EngineCache) -> None:
    """By another object too; nobody else can read it."""
    path = stored(cache)
    assert EngineCache(cache.folder).load(key()) == PLAN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert [item.name for item in cache.folder.iterdir()] == [key().file_name]


def test_every_part_of_the_key_makes_another_engine() -> None:
    """Model, product, version, GPU, capability, precision, profile, options."""
    made = rig().toolkit
    settings = TensorRtSettings(max_batch=3)
    others = [
        engine_key(made, MODEL + b' ', PROFILE, settings),
        engine_key(made, MODEL, replace(PROFILE, most=4), settings),
        engine_key(made, MODEL, replace(PROFILE, tensor='x'), settings),
        engine_key(made, MODEL, PROFILE, replace(settings, precision='fp16')),
        engine_key(made, MODEL, PROFILE, replace(settings, workspace_mb=7)),
        engine_key(replace(made, version='11.4.0.107'), MODEL, PROFILE, settings),
        engine_key(replace(made, product='tensorrt_rtx'), MODEL, PROFILE, settings),
        engine_key(replace(made, device=Device('Other', (8, 6))), MODEL, PROFILE, settings),
        engine_key(replace(made, device=Device('Strict GPU', (8, 7))), MODEL, PROFILE, settings),
    ]
    names = {one.file_name for one in [key(), *others]}
    assert len(names) == len(others) + 1
    # How it is run changes nothing about the engine.
    assert engine_key(made, MODEL, PROFILE, replace(settings, cuda_graph=True)) == key()


@pytest.mark.parametrize('length', [0, 5, len(MAGIC), len(MAGIC) + 20, -1, -len(PLAN)])
def test_truncated(cache: EngineCache, length: int) -> None:
    """Wherever it ends; it is removed."""
    path = stored(cache)
    path.write_bytes(path.read_bytes()[:length])
    assert cache.load(key()) is None
    assert not path.exists()


def test_any_flipped_byte(cache: EngineCache) -> None:
    """In the first line, in the description, in the engine."""
    path = stored(cache)
    content = path.read_bytes()
    start = content.index(b'\n', len(MAGIC)) + 1
    for place in [*range(0, start, 7), start, start + 1000, len(content) - 1]:
        changed = bytearray(content)
        changed[place] ^= 0x01
        path.write_bytes(changed)
        found = cache.load(key())
        # A digit of the date or the duration may change: nothing depends on them.
        assert found is None or (place < start and found == PLAN), place


def test_longer(cache: EngineCache) -> None:
    """Something was added behind."""
    path = stored(cache)
    path.write_bytes(path.read_bytes() + b'x')
    assert cache.load(key()) is None


@pytest.mark.parametrize('size', [-1, 10**13, 10**30])
def test_a_size_that_the_file_only_claims(cache: EngineCache, size: int) -> None:
    """No memory is asked for it."""
    path = stored(cache)
    content = path.read_bytes()
    claimed = content.replace(f'"size": {len(PLAN)}'.encode(), f'"size": {size}'.encode(), 1)
    assert claimed != content
    path.write_bytes(claimed)
    (entry,) = cache.entries()
    assert str(size) in entry.problem
    assert cache.load(key()) is None


def test_the_engine_of_another_key(cache: EngineCache) -> None:
    """Another TensorRT's file under this name is whole, and still not loaded."""
    other = replace(key(), version='10.3.0.26')
    path = cache.store(other, PLAN, name='m.onnx', seconds=1.0)
    path.rename(cache.folder / key().file_name)
    assert cache.load(key()) is None
    assert cache.load(other) is None


def test_links_pipes_and_folders_are_no_engines(cache: EngineCache, tmp_path: Path) -> None:
    """A link to a whole engine elsewhere is not followed; a pipe is not waited for."""
    path = stored(cache)
    elsewhere = tmp_path / 'elsewhere'
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert cache.load(key()) is None
    assert elsewhere.exists()
    os.mkfifo(path)
    assert cache.load(key()) is None
    path.mkdir()
    with pytest.raises(EngineCacheError, match='cannot be removed'):
        cache.load(key())


def test_a_file_that_others_may_write_is_not_loaded(cache: EngineCache) -> None:
    """Even in a folder that they may not write to now."""
    path = stored(cache)
    path.chmod(0o622)
    assert cache.load(key()) is None


@pytest.mark.parametrize('mode', [0o777, 0o770, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    """With what to do about it."""
    folder = tmp_path / 'engines'
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(EngineCacheError, match=r'executable code.*may write to it'):
        EngineCache(folder)


def test_a_folder_that_others_may_read_is_tightened(tmp_path: Path) -> None:
    """To 0700."""
    folder = tmp_path / 'engines'
    folder.mkdir(mode=0o755)
    assert stat.S_IMODE(EngineCache(folder).folder.stat().st_mode) == 0o700


def test_a_folder_in_a_folder_that_everybody_may_write_to_is_refused(tmp_path: Path) -> None:
    """Somebody could exchange it; with the sticky bit nobody can."""
    above = tmp_path / 'above'
    above.mkdir()
    above.chmod(0o777)
    with pytest.raises(EngineCacheError, match='everybody may write'):
        EngineCache(above / 'engines')
    above.chmod(0o1777)
    EngineCache(above / 'engines')


def test_a_foreign_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another user; and a symbolic link."""
    EngineCache(tmp_path / 'engines')
    own = os.geteuid()
    monkeypatch.setattr(os, 'geteuid', lambda: own + 1)
    with pytest.raises(EngineCacheError, match=f'belongs to user {own}'):
        EngineCache(tmp_path / 'engines')
    monkeypatch.undo()
    (tmp_path / 'link').symlink_to(tmp_path / 'engines')
    with pytest.raises(EngineCacheError, match='symbolic link'):
        EngineCache(tmp_path / 'link')


def test_a_foreign_file_is_not_loaded(cache: EngineCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in one's own folder."""
    stored(cache)
    own = os.geteuid()
    monkeypatch.setattr(os, 'geteuid', lambda: own + 1)
    assert cache.load(key()) is None


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below XDG_CACHE_HOME where that is an absolute path."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    assert default_folder() == tmp_path / 'omnibind' / 'engines'
    monkeypatch.setenv('XDG_CACHE_HOME', 'relative')
    monkeypatch.setenv('HOME', str(tmp_path))
    assert default_folder() == tmp_path / '.cache' / 'omnibind' / 'engines'


def test_a_full_disk(cache: EngineCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there stays; nothing half-written is left."""
    stored(cache)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(EngineCacheError, match='No space left'):
        cache.store(key(), b'other', name='m.onnx', seconds=1.0)
    assert cache.load(key()) == PLAN
    assert len(list(cache.folder.iterdir())) == 1


def test_a_really_full_disk(cache: EngineCache) -> None:
    """The operating system refuses the bytes in the middle of the file."""
    code = f"""
import resource, signal, sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'test' / 'support')!r}]
sys.path.append({str(Path(__file__).parent)!r})
import test_engine_cache as t
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
cache = t.EngineCache(t.Path({str(cache.folder)!r}))
try:
    t.stored(cache)
except t.EngineCacheError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert 'File too large' in run.stdout
    assert list(cache.folder.iterdir()) == []


KILLED = """
import os, sys
sys.path[:0] = [{root!r}, {support!r}]
sys.path.append({here!r})
import test_engine_cache as t
cache = t.EngineCache(t.Path({folder!r}))
real = os.fsync
def stop(descriptor):
    print('writing', flush=True)
    sys.stdin.read()
os.fsync = stop
with cache.building(print):
    t.stored(cache)
"""


def test_a_killed_builder(cache: EngineCache) -> None:
    """Killed in the middle of writing: nothing is loaded, the lock is free, leftovers go."""
    code = KILLED.format(
        root=str(ROOT),
        support=str(ROOT / 'test' / 'support'),
        here=str(Path(__file__).parent),
        folder=str(cache.folder),
    )
    builder = subprocess.Popen(
        [sys.executable, '-c', code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert builder.stdout is not None
    assert builder.stdout.readline() == 'writing\n'
    assert list(cache.folder.glob('.*.part'))
    waited: list[str] = []
    entered = threading.Event()

    def second() -> None:
        with cache.building(waited.append):
            entered.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not entered.wait(0.2), 'two builders at once'
    builder.kill()
    builder.wait()
    assert entered.wait(30)
    thread.join()
    for pipe in (builder.stdin, builder.stdout):
        assert pipe is not None
        pipe.close()
    assert waited == ['another engine is being built on this machine; waiting for it']
    assert cache.load(key()) is None
    assert list(cache.folder.glob('.*.part')) == []
    stored(cache)
    assert cache.load(key()) == PLAN


def test_entries_and_clean(cache: EngineCache) -> None:
    """Whole and broken ones; other files are not touched."""
    stored(cache)
    broken = cache.folder / f'{"0" * 32}.engine'
    broken.write_bytes(b'nothing')
    other = cache.folder / 'notes.txt'
    other.write_text('mine')
    first, second = cache.entries()
    assert {first.problem, second.problem} == {'', 'no engine of this version'}
    assert cache.clean(broken_only=True) == [broken]
    assert len(cache.clean()) == 1
    assert cache.entries() == []
    assert other.exists()


def test_a_file_system_without_locks(cache: EngineCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typed error, after which ONNX Runtime can still run the model."""

    def refused(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, 'No locks available')

    monkeypatch.setattr(fcntl, 'flock', refused)
    said = r'building\.lock: no lock: No locks'
    with pytest.raises(EngineCacheError, match=said), cache.building(print):
        pytest.fail('built without a lock')


def test_a_file_that_is_removed_while_files_are_listed(
    cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not listed."""
    path = stored(cache)
    monkeypatch.setattr(Path, 'iterdir', lambda self: iter([path, self / 'gone.engine']))
    assert [entry.path for entry in cache.entries()] == [path]


def test_cleaning_waits_for_a_build_and_says_so(cache: EngineCache) -> None:
    """Otherwise it would look like a hang."""
    stored(cache)
    said: list[str] = []
    spoken = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        spoken.set()

    removed: list[Path] = []
    thread = threading.Thread(target=lambda: removed.extend(cache.clean(say=say)))
    with cache.building(print):
        thread.start()
        assert spoken.wait(30)
        assert cache.load(key()) == PLAN
    thread.join()
    assert said == ['another engine is being built on this machine; waiting for it']
    assert len(removed) == 1
