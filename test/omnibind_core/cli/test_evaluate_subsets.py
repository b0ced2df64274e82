"""`omnibind evaluate subsets`, as typed: from data, from a table, and what it refuses."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_bundle import make
from tiny_bundle import make_textual
from tiny_bundle import text_export
from tiny_readings import tiny_data_set

from omnibind_core.cli import evaluate_subsets
from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import read_embedding_table
from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.errors import DataError
from omnibind_core.data.errors import ManifestError
from omnibind_core.errors import BundleError
from omnibind_core.errors import ConfigError
from omnibind_core.errors import SpaceError
from omnibind_core.evaluation.encoders import encoders_of_runs
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_text import add_text
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.student_run import write_student_run

SENSORS = ('image', 'thermal', 'audio')
QUICK = ('--resamples', 200, '--workers', 0)


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    evaluate_subsets.add_arguments(parser)
    return evaluate_subsets.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture(scope='module')
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle, a data set, and an evaluation of both with all its files."""
    root = tmp_path_factory.mktemp('evaluation')
    found = {'bundle': make(root / 'bundle', modalities=SENSORS), 'root': root}
    found['data'] = tiny_data_set(
        root / 'set', classes=('mug', 'chair'), instances=8, modalities=(*SENSORS, 'text')
    ).root
    for name in ('json', 'html', 'predictions', 'summary', 'table'):
        found[name] = root / f'out.{name}'
    code = run(
        *('--bundle', found['bundle'], '--data', found['data'], '--json', found['json']),
        *('--html', found['html'], '--predictions', found['predictions']),
        *('--summary', found['summary'], '--write-table', found['table']),
        *QUICK,
    )
    assert code == 0
    return found


def read(path: Path) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(path.read_text())
    return given


def test_from_data(places: dict[str, Path]) -> None:
    """All seven subsets by five methods and two pairings; all files are there."""
    found = read(places['json'])
    assert len(found['subsets']) == 7 * 5 * 2
    assert {'modalities', 'method', 'pairing', 'seed', 'top1', 'n'} <= set(found['subsets'][0])
    assert set(found['summary']['af']) >= {'mean_top1', 'ci95'}
    assert found['views'] == 2 * 2 * 2
    assert found['bundle'] == open_bundle(places['bundle']).manifest.bundle_id
    assert found['data'] == 'set'
    assert found['simulated'] is False
    assert found['settings']['source']['best single sensor'] == 'validation fold'
    assert {row['condition'] for row in found['conditions']} == {'garbled', 'corrupted', 'nothing'}
    assert '<!doctype html>' in places['html'].read_text()[:20]
    with np.load(places['predictions'], allow_pickle=False) as given:
        assert given['clean_instance_predicted'].shape == (5, 7, 8)
    assert read(places['summary'])['subsets'] == [
        '+'.join(row['modalities']) for row in found['subsets'][:7]
    ]
    table = read_embedding_table(places['table'])
    assert set(table.modalities) == set(SENSORS)
    assert set(table.fold.tolist()) == {2, 3}
    val = table.in_fold('val')
    assert (val.corruption == 0).all()  # only what is evaluated is corrupted


def test_from_a_table_without_data(
    places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same figures but for what float16 rounds."""
    out = tmp_path / 'f.json'
    assert run('--bundle', places['bundle'], '--table', places['table'], '--json', out, *QUICK) == 0
    first, second = read(places['json']), read(out)
    for one, other in zip(first['subsets'], second['subsets'], strict=True):
        for key in ('modalities', 'method', 'pairing', 'n'):
            assert one[key] == other[key]
        assert one['nll'] == pytest.approx(other['nll'], abs=0.02)
        assert one['top1'] == pytest.approx(other['top1'], abs=0.126)  # one of eight
    assert (tmp_path / 'f.npz').is_file()
    output = capsys.readouterr().out
    assert 'Adaptive fusion' in output
    assert 'ten worst' in output


def test_on_a_shipped_part_without_a_validation_fold(
    places: dict[str, Path], tmp_path: Path
) -> None:
    """The test fold alone: what is chosen on val is the bundle's, or said to be unknown."""
    table = read_embedding_table(places['table'])
    table.in_fold('test').save(tmp_path / 't')
    out = tmp_path / 'f.json'
    run('--bundle', places['bundle'], '--table', tmp_path / 't', '--json', out, *QUICK)
    found = read(out)
    assert found['settings']['mean_temperature'] == 0.1
    assert 'unknown' in found['settings']['source']['best single sensor']
    assert 'best_single' not in found['summary']


def test_texts_where_the_bundle_encodes_them(tmp_path: Path) -> None:
    """Subsets with a text, apart; the same readings."""
    pytest.importorskip('tokenizers')
    text = text_export()
    bundle = make_textual(tmp_path / 'bundle', text)
    add_text(bundle, text)
    data = tiny_data_set(
        tmp_path / 'set', classes=('cup', 'sofa'), modalities=('image', 'thermal', 'text')
    ).root
    out = tmp_path / 'f.json'
    run('--bundle', bundle, '--data', data, '--json', out, *QUICK)
    found = read(out)
    assert found['sensors'] == ['image', 'thermal']
    assert len(found['with_text']) == 5 * 4


def test_a_map_without_distillation(places: dict[str, Path], tmp_path: Path) -> None:
    """From other students' run folders, whatever their space; the page has two rows of maps."""
    other = open_bundle(make(tmp_path / 'other', modalities=SENSORS, seed=5))
    for name in SENSORS:
        document = {
            'modality': name,
            'specification': asdict(other.specifications[name]),
            'space': 'scratch-1',
            'dimension': other.manifest.dimension,
            'temperature': 0.1,
            'fingerprint': 'x',
            'training': {},
        }
        model = other.read_bytes(other.manifest.modalities[name].model)
        (tmp_path / 'runs' / name).mkdir(parents=True)
        write_student_run(tmp_path / 'runs' / name, document, model)
    words = ('--bundle', places['bundle'], '--json', tmp_path / 'f.json')
    run(
        *(*words, '--data', places['data'], '--untrained', tmp_path / 'runs'),
        *('--html', tmp_path / 'f.html', *QUICK),
    )
    html = (tmp_path / 'f.html').read_text()
    assert len(html) > len(places['html'].read_text()) + 20_000
    with pytest.raises(ConfigError, match='--untrained'):
        run(
            *(*words, '--table', places['table'], '--untrained', tmp_path / 'runs'),
            *('--html', tmp_path / 'g.html', '--overwrite'),
        )
    with pytest.raises(TrainingError, match='no folder of a finished student'):
        encoders_of_runs(tmp_path)


def test_files_are_not_replaced_unasked(places: dict[str, Path], tmp_path: Path) -> None:
    """Every problem at once; nothing is computed."""
    words = ('--bundle', places['bundle'], '--table', places['table'])
    before = places['json'].read_bytes()
    with pytest.raises(ConfigError, match=r'--json.*exists(.|\n)*--html.*exists') as caught:
        run(*words, '--json', places['json'], '--html', places['html'])
    assert len(caught.value.problems) == 2
    assert places['json'].read_bytes() == before
    out = tmp_path / 'f.json'
    out.write_text('old')
    assert run(*words, '--json', out, '--overwrite', *QUICK) == 0
    assert read(out)['version'] == 1


@pytest.mark.parametrize(
    'words',
    [
        ('--resamples', 10),
        ('--split', -1),
        ('--garbled-views', -1),
        ('--json', 'nowhere/f.json'),
        ('--write-table', 'x'),
        ('--untrained', 'x'),
    ],
)
def test_wrong_options(places: dict[str, Path], tmp_path: Path, words: tuple[str, object]) -> None:
    """One ConfigError that names the option."""
    given: dict[str, object] = {'--json': tmp_path / 'f.json', words[0]: words[1]}
    flat = [word for pair in given.items() for word in pair]
    with pytest.raises(ConfigError, match=words[0]):
        run('--bundle', places['bundle'], '--table', places['table'], *flat)


def changed(places: dict[str, Path], path: Path, **values: Any) -> Path:
    """A copy of the table with other values."""
    table: EmbeddingTable = read_embedding_table(places['table'])
    replace(table, **values).save(path)
    return path


def test_tables_that_do_not_belong(places: dict[str, Path], tmp_path: Path) -> None:
    """Another space, length, labels or a damaged file: typed, and the file is named."""
    table = read_embedding_table(places['table'])
    short = {
        name: getattr(table, name)[:, :8]
        / np.linalg.norm(getattr(table, name)[:, :8], axis=1, keepdims=True)
        for name in ('vectors', 'labels')
    }
    renamed = ('cup', *table.classes[1:])
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (SpaceError, 'space: got other', {'space': 'other'}),
        (SpaceError, 'length of vectors: got 8', short),
        (TableError, 'cup, mug', {'classes': renamed}),
        (TableError, 'their order', {'classes': table.classes[::-1]}),
        (TableError, "labels' embeddings", {'labels': table.labels[::-1]}),
    ]
    for number, (kind, message, values) in enumerate(cases):
        path = changed(places, tmp_path / f't{number}.safetensors', **values)
        with pytest.raises(kind, match=rf't{number}\.safetensors.*{message}'):
            run('--bundle', places['bundle'], '--table', path, '--json', tmp_path / 'f.json')
    broken = tmp_path / 'broken.safetensors'
    broken.write_bytes(places['table'].read_bytes()[:-10])
    with pytest.raises(TableError, match=r'broken\.safetensors'):
        run('--bundle', places['bundle'], '--table', broken, '--json', tmp_path / 'f.json')
    assert not (tmp_path / 'f.json').exists()


def test_data_and_bundles_that_do_not_fit(places: dict[str, Path], tmp_path: Path) -> None:
    """A wrong label in the manifest; classes the bundle does not know; a flipped byte."""
    words = ('--json', tmp_path / 'f.json', *QUICK)
    data = tiny_data_set(tmp_path / 'set', classes=('mug', 'chair'), modalities=('image',)).root
    manifest = data / 'manifest.csv'
    good = manifest.read_text()
    manifest.write_text(good.replace('image,mug,', 'image,mgu,', 1))
    with pytest.raises(ManifestError, match=r"manifest\.csv(.|\n)*class 'mgu'.*'mug'"):
        run('--bundle', places['bundle'], '--data', data, *words)
    other = tiny_data_set(tmp_path / 'other', classes=('yak', 'gnu'), modalities=('image',)).root
    with pytest.raises(DataError, match=r"manifest\.csv: .*'yak'"):
        run('--bundle', places['bundle'], '--data', other, *words)
    bundle = make(tmp_path / 'bundle')
    model = bytearray((bundle / 'image.onnx').read_bytes())
    model[1000] ^= 1
    (bundle / 'image.onnx').write_bytes(model)
    with pytest.raises(BundleError, match=r'image\.onnx'):
        run('--bundle', bundle, '--data', places['data'], *words)
    assert not (tmp_path / 'f.json').exists()


def test_a_bundle_without_a_fusion(places: dict[str, Path], tmp_path: Path) -> None:
    """The methods that need none; no goals."""
    bundle = make(tmp_path / 'bundle', modalities=SENSORS, fusion=False)
    out = tmp_path / 'f.json'
    run('--bundle', bundle, '--table', places['table'], '--json', out, *QUICK)
    assert set(read(out)['summary']) == {'best_single', 'mean', 'max_confidence', 'product'}
    assert read(out)['goals'] == []
