"""The manifest: what is written is read back, and every problem is reported at once."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from tiny_readings import tiny_data_set

from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.errors import ManifestError
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import read_manifest
from omnibind_core.data.manifest import write_manifest
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.record import UNUSED
from omnibind_core.errors import ConfigError

HEADER = 'path,modality,label,split,instance\n'


def kinds(path: Path) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)
    return [problem.kind for problem in caught.value.problems]


def test_round_trip(tmp_path: Path) -> None:
    """What was written is what is read, with all files there."""
    written = tiny_data_set(tmp_path / 'set')
    assert read_manifest(tmp_path / 'set') == written
    assert read_manifest(tmp_path / 'set' / 'manifest.csv').splits == 2


def test_a_plain_manifest(tmp_path: Path) -> None:
    """The five columns are enough; classes are the sorted labels."""
    for name in ('b.png', 'a.png'):
        (tmp_path / name).write_bytes(b'x')
    file = tmp_path / 'mine.csv'
    file.write_text(HEADER + 'b.png,image,zebra,student,z1\na.png,image,ape,test,a1\n')
    manifest = read_manifest(file)
    assert manifest.classes.names == ('ape', 'zebra')
    assert [record.folds for record in manifest.records] == [('student',), ('test',)]
    assert manifest.records[0] == Record(
        path='b.png', modality='image', label='zebra', instance='z1', folds=('student',)
    )


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    """As spreadsheets save."""
    (tmp_path / 'a.png').write_bytes(b'x')
    file = tmp_path / 'manifest.csv'
    file.write_bytes(b'\xef\xbb\xbf' + (HEADER + 'a.png,image,ape,test,a1\n').encode())
    assert read_manifest(tmp_path).records[0].label == 'ape'
    file.write_bytes((HEADER + 'a.png,image,ape,test,a1\n').replace('\n', '\r\n').encode())
    assert read_manifest(tmp_path).records[0].label == 'ape'


def test_every_problem_at_once(tmp_path: Path) -> None:
    """Wrong class, duplicate path, missing file and folder, unknown fold and modality."""
    (tmp_path / 'here.png').write_bytes(b'x')
    (tmp_path / 'classes.txt').write_text('mug\nsofa\n')
    file = tmp_path / 'manifest.csv'
    file.write_text(
        HEADER
        + 'here.png,image,mugg,student,m1\n'  # 2: wrong class
        + 'here.png,image,mug,student,m2\n'  # 3: fine
        + 'here.png,image,mug,student,m3\n'  # 4: duplicate
        + 'gone.png,image,mug,student,m4\n'  # 5: missing file
        + 'nowhere/x.png,image,mug,student,m5\n'  # 6: missing folder
        + 'nowhere/y.png,image,mug,student,m5\n'  # 7: said once
        + 'a.png,image,mug,training,m6\n'  # 8: fold
        + 'b.png,smell,mug,student,m7\n'  # 9: modality
        + '../c.png,image,mug,student,m8\n'  # 10: outside
    )
    with pytest.raises(ManifestError) as caught:
        read_manifest(file)
    found = [(problem.line, problem.kind) for problem in caught.value.problems]
    assert found == [
        (2, 'class'),
        (4, 'duplicate'),
        (5, 'missing'),
        (6, 'missing'),
        (8, 'fold'),
        (9, 'modality'),
        (10, 'path'),
    ]
    text = str(caught.value)
    assert "'mug' (nearest)" in text
    assert 'line 4: path' in text
    assert 'folder nowhere is missing' in text
    assert 'student, fusion, val, test' in text


@pytest.mark.parametrize(
    ('lines', 'kind'),
    [
        (['a,image,mug,student,i', 'b,image,mug,test,i'], 'fold'),
        (['a,image,mug,student,i', 'b,image,cup,student,i'], 'instance'),
        (['a,image,,student,i'], 'class'),
        (['a,image,mug,student,'], 'instance'),
        (['a,image,mug,student'], 'column'),
        ([',image,mug,student,i'], 'path'),
        (['"a,image,mug,student,i'], 'file'),
        ([], 'file'),
    ],
)
def test_contradictions(tmp_path: Path, lines: list[str], kind: str) -> None:
    """Each kind of mistake has its kind of problem."""
    file = tmp_path / 'manifest.csv'
    file.write_text(HEADER + '\n'.join(lines))
    for name in ('a', 'b'):
        (tmp_path / name).write_bytes(b'x')
    assert kinds(file) == [kind]


@pytest.mark.parametrize(
    ('header', 'kind'),
    [
        ('path,modality,label,split\n', 'column'),
        ('path,modality,label,split,instance,color\n', 'column'),
        ('path,modality,label,split,instance,path\n', 'column'),
        ('path,modality,label,split,instance,split_2\n', 'column'),
    ],
)
def test_headers(tmp_path: Path, header: str, kind: str) -> None:
    """Missing, unknown, doubled and unnumbered columns."""
    file = tmp_path / 'manifest.csv'
    file.write_text(header)
    assert kinds(file) == [kind]


@pytest.mark.parametrize(
    ('row', 'kind'),
    [
        ('a,image,mug,student,i,-1,0', 'view'),
        ('a,image,mug,student,i,1e3,0', 'view'),
        ('a,image,mug,student,i,0,yes', 'nothing'),
        ('a,image,mug,student,i,0,1', 'nothing'),
    ],
)
def test_optional_columns(tmp_path: Path, row: str, kind: str) -> None:
    """Views are numbers; readings of nothing have no class."""
    (tmp_path / 'a').write_bytes(b'x')
    file = tmp_path / 'manifest.csv'
    file.write_text(HEADER.strip() + ',view,nothing\n' + row)
    assert kinds(file) == [kind]


def test_missing_manifest_and_damaged_shard(tmp_path: Path) -> None:
    """One sentence each; the shard is named once for all its readings."""
    assert kinds(tmp_path / 'none.csv') == ['file']
    tiny_data_set(tmp_path / 'set')
    shard = tmp_path / 'set' / 'shards' / 'cup_1.tar'
    shard.write_bytes(shard.read_bytes()[:1000])
    assert kinds(tmp_path / 'set') == ['missing']
    shard.unlink()
    assert kinds(tmp_path / 'set') == ['missing']
    assert len(read_manifest(tmp_path / 'set', check_files=False).records) > 0


def test_an_empty_class_list_is_refused(tmp_path: Path) -> None:
    """`classes.txt` must be usable where it stands."""
    tiny_data_set(tmp_path / 'set')
    (tmp_path / 'set' / 'classes.txt').write_text('cup\ncup\n')
    with pytest.raises(ConfigError, match='once each'):
        read_manifest(tmp_path / 'set')


def copies(root: Path, original: tuple[str, ...], copy: tuple[str, ...]) -> Manifest:
    common = {'modality': 'image', 'label': 'mug'}
    records = (
        Record(path='a', instance='m', folds=original, **common),
        Record(path='b', instance='m+1', folds=copy, copy_of='m', **common),
    )
    return Manifest(root, records, ClassMap(('mug',)))


@given(
    original=st.lists(st.sampled_from(FOLDS), min_size=1, max_size=3),
    copy=st.lists(st.sampled_from((*FOLDS, UNUSED)), min_size=3, max_size=3),
)
def test_copies_never_leave_the_student_fold(
    tmp_path_factory: pytest.TempPathFactory, original: list[str], copy: list[str]
) -> None:
    """A copy is accepted exactly where its original is a student, or unused."""
    root = tmp_path_factory.mktemp('copies')
    given_folds = tuple(copy[: len(original)])
    fine = all(
        own == UNUSED or (own == 'student' and of_original == 'student')
        for own, of_original in zip(given_folds, original, strict=True)
    )
    manifest = copies(root, tuple(original), given_folds)
    if fine:
        write_manifest(manifest)
        assert read_manifest(root, check_files=False) == manifest
    else:
        with pytest.raises(ManifestError, match='where its original is in'):
            write_manifest(manifest)
        assert not (root / 'manifest.csv').exists()


@pytest.mark.malformed
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """No bytes make anything but a manifest or a ManifestError."""
    file = tmp_path_factory.getbasetemp() / 'manifest_bytes.csv'
    file.write_bytes(HEADER.encode() + content)
    try:
        assert read_manifest(file, check_files=False).records
    except (ManifestError, ConfigError) as error:
        assert str(file) in str(error) or 'classes' in str(error)
