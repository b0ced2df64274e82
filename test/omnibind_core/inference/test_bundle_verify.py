"""What the checks of a bundle find, in good ones and in bad ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import re
import shutil
from typing import Any

import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper
from onnx_models import adding_model
import pytest
import tiny_bundle

from omnibind_core.errors import BundleError
from omnibind_core.inference.bundle_text import add_text
from omnibind_core.inference.bundle_verify import Check
from omnibind_core.inference.bundle_verify import verify_bundle

TEXT = tiny_bundle.text_export()


@pytest.fixture(scope='module')
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with everything in it."""
    pytest.importorskip('tokenizers')
    folder = tiny_bundle.make_textual(tmp_path_factory.mktemp('b') / 'b', TEXT)
    return add_text(folder, TEXT)


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / 'copy'))


def wrong(folder: Path) -> dict[tuple[str, str], str]:
    """The problems found, by part and claim."""
    return {(c.part, c.claim): c.problem for c in verify_bundle(folder) if c.problem}


def test_a_good_bundle_passes_every_check(good: Path) -> None:
    checks = list(verify_bundle(good))
    assert not [check for check in checks if check.problem]
    assert all(check.found for check in checks)
    parts = {check.part for check in checks}
    assert parts == {'bundle', *(path.name for path in good.iterdir())}
    assert {check.claim for check in checks if check.part == 'fusion.onnx'} == {
        'SHA-256',
        'opset',
        'any number of tokens and labels',
        'weights are shares',
        'masked contents change nothing',
        'order and padding change nothing',
        'an unseen modality takes part',
    }


def test_one_without_fusion_and_text_passes(tmp_path: Path) -> None:
    folder = tiny_bundle.make(tmp_path / 'b', fusion=False)
    checks = list(verify_bundle(folder))
    assert not [check for check in checks if check.problem]
    assert checks[-1] == Check(
        'bundle', 'recognises', '5 labels by their own vectors; fusion: mean'
    )


def test_every_altered_file_is_named_and_the_others_are_still_checked(copy: Path) -> None:
    names = [path.name for path in copy.iterdir() if path.name != 'bundle.json']
    for name in names:
        content = bytearray((copy / name).read_bytes())
        content[-1] ^= 1
        (copy / name).write_bytes(content)
    found = wrong(copy)
    for name in names:
        assert name in found[name, 'SHA-256']
    (copy / 'bundle.json').write_bytes(b'{}')
    with pytest.raises(BundleError, match=r'bundle\.json'):
        list(verify_bundle(copy))


def changed(folder: Path, name: str, change: Callable[[onnx.ModelProto], None]) -> None:
    """A model of a bundle changed, with everything that the table of contents says of it."""
    model = onnx.ModelProto.FromString((folder / name).read_bytes())
    change(model)
    tiny_bundle.replace_file(folder, name, model.SerializeToString())


def older(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 13


def custom(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid('com.example', 1))


@pytest.mark.parametrize('change', [older, custom])
def test_operators_that_a_robot_may_not_have(
    copy: Path, change: Callable[[onnx.ModelProto], None]
) -> None:
    changed(copy, 'image.onnx', change)
    assert list(wrong(copy)) == [('image.onnx', 'opset')]


def couples_the_batch(model: onnx.ModelProto) -> None:
    """Each vector depends on what else is in the batch, as after a forgotten batch norm."""
    model.graph.node[-1].output[0] = 'own'
    model.graph.node.extend(
        [
            helper.make_node('ReduceMean', ['own'], ['mean'], axes=[0], keepdims=1),
            helper.make_node('Add', ['own', 'mean'], ['embedding']),
        ]
    )


def nothing(model: onnx.ModelProto) -> None:
    weight = next(item for item in model.graph.initializer if item.name == 'matrix')
    zeros = np.zeros_like(numpy_helper.to_array(weight))
    weight.CopyFrom(numpy_helper.from_array(zeros, 'matrix'))


def not_finite(model: onnx.ModelProto) -> None:
    weight = next(item for item in model.graph.initializer if item.name == 'matrix')
    values = numpy_helper.to_array(weight) * np.float32(np.inf)
    weight.CopyFrom(numpy_helper.from_array(values, 'matrix'))


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (couples_the_batch, 'differs by .* from its parts'),
        (nothing, 'without a direction'),
        (not_finite, 'no finite'),
    ],
)
def test_an_encoder_that_does_not_do_its_work(
    copy: Path, change: Callable[[onnx.ModelProto], None], expected: str
) -> None:
    changed(copy, 'image.onnx', change)
    found = wrong(copy)
    assert list(found) == [('image.onnx', 'runs')]
    assert str(copy / 'image.onnx') in found['image.onnx', 'runs']
    assert re.search(expected, found['image.onnx', 'runs'])


def test_a_model_that_is_not_complete_in_itself(copy: Path) -> None:
    tiny_bundle.replace_file(copy, 'image.onnx', adding_model(external=True))
    found = wrong(copy)
    assert set(found) >= {('image.onnx', 'opset'), ('image.onnx', 'runs'), ('bundle', 'recognises')}
    assert all('external data' in problem for problem in found.values())


def node(model: onnx.ModelProto, output: str) -> onnx.NodeProto:
    return next(item for item in model.graph.node if item.output[0] == output)


def reads_masked(model: onnx.ModelProto) -> None:
    """Multiplies by zero instead of leaving out."""
    node(model, 'present').CopyFrom(helper.make_node('Identity', ['tokens'], ['present']))


def not_shares(model: onnx.ModelProto) -> None:
    node(model, 'weights').CopyFrom(helper.make_node('Identity', ['g'], ['weights']))


def by_place(model: onnx.ModelProto) -> None:
    """Each token's gate is the sum of those before it and its own."""
    node(model, 'g').output[0] = 'own'
    model.graph.initializer.append(numpy_helper.from_array(np.array(1), 'axis'))
    position = [item.output[0] for item in model.graph.node].index('own') + 1
    model.graph.node.insert(position, helper.make_node('CumSum', ['own', 'axis'], ['sums']))
    model.graph.node.insert(
        position + 1, helper.make_node('Where', ['mask', 'sums', 'zero'], ['g'])
    )


def ignores_unseen(model: onnx.ModelProto) -> None:
    table = next(item for item in model.graph.initializer if item.name == 'table')
    gates = numpy_helper.to_array(table).copy()
    gates[0] = 0
    table.CopyFrom(numpy_helper.from_array(gates, 'table'))


@pytest.mark.parametrize(
    ('change', 'claim', 'expected'),
    [
        (reads_masked, 'masked contents change nothing', 'nan in masked slots'),
        (not_shares, 'weights are shares', 'weights sum to'),
        (by_place, 'order and padding change nothing', 'another order changes it by'),
        (ignores_unseen, 'an unseen modality takes part', 'never saw'),
    ],
)
def test_a_fusion_that_breaks_its_contract(
    copy: Path, change: Callable[[onnx.ModelProto], None], claim: str, expected: str
) -> None:
    changed(copy, 'fusion.onnx', change)
    found = wrong(copy)
    assert ('fusion.onnx', claim) in found
    assert expected in found['fusion.onnx', claim]
    assert str(copy / 'fusion.onnx') in found['fusion.onnx', claim]


def test_a_text_encoder_that_puts_the_labels_elsewhere(copy: Path) -> None:
    """Right by all digests, but of other words: the labels' vectors are in another order."""

    def change(table: dict[str, Any]) -> None:
        table['labels']['class_ids'] = ['sofa', 'thing', 'cup']

    tiny_bundle.edit(copy, change)
    found = wrong(copy)
    assert list(found) == [('text.onnx', 'embeds the labels')]
    assert '0 of 3 labels' in found['text.onnx', 'embeds the labels']
