"""The six students: sizes, unit vectors, and ONNX files that say what torch says."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.models.export import export_encoder
from omnibind_core.models.students.registry import student
from omnibind_core.models.students.registry import student_specification

DIMENSION = 48


def network(name: str) -> torch.nn.Module:
    """A student whose normalisation has seen data, as after training."""
    torch.manual_seed(0)
    found = student(name, dimension=DIMENSION)
    with torch.no_grad():
        for _ in range(2):
            found(torch.randn(8, *student_specification(name).shape))
    return found.eval()


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_onnx_equals_torch_at_any_batch(name: str) -> None:
    """One file without anything beside it, opset 17, batches of 1, 2 and 7."""
    encoder = network(name)
    shape = student_specification(name).shape
    content = export_encoder(encoder, shape)
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert [item.version for item in model.opset_import if not item.domain] == [17]
    assert [item.name for item in model.graph.input] == ['input']
    assert [item.name for item in model.graph.output] == ['embedding']
    assert b'/omnibind_core/' not in content  # no traces of the source tree
    session = onnxruntime.InferenceSession(content, providers=['CPUExecutionProvider'])
    random = np.random.default_rng(1)
    for batch in (1, 2, 7):
        given = random.standard_normal((batch, *shape)).astype(np.float32)
        (found,) = session.run(['embedding'], {'input': given})
        with torch.no_grad():
            wanted = encoder(torch.from_numpy(given)).numpy()
        assert found.shape == (batch, DIMENSION)
        assert np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max()
        assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(batch), abs=1e-5)


def test_small_students_have_at_most_800_000_parameters_on_average() -> None:
    counts = [
        sum(item.numel() for item in student(name, dimension=384).parameters())
        for name in SENSOR_NAMES
    ]
    assert sum(counts) / len(counts) <= 800_000


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_base_is_larger_and_specifications_are_the_modality_s(name: str) -> None:
    small = sum(item.numel() for item in student(name, dimension=8).parameters())
    base = student(name, dimension=8, size='base')
    assert 4 * small < sum(item.numel() for item in base.parameters())
    assert isinstance(student_specification(name), modality(name).specification)


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_every_parameter_learns(name: str) -> None:
    encoder = student(name, dimension=8)
    # blocks begin as their shortcuts: with other weights everything takes part
    with torch.no_grad():
        for item in encoder.parameters():
            item.add_(0.1 * torch.randn(item.shape, generator=torch.Generator().manual_seed(0)))
    given = torch.randn(4, *student_specification(name).shape)
    encoder(given)[:, 0].sum().backward()
    for item_name, item in encoder.named_parameters():
        assert item.grad is not None, item_name
        assert torch.isfinite(item.grad).all(), item_name
        assert item.grad.abs().max() > 0.0, item_name


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_zeros_give_a_finite_vector(name: str) -> None:
    """What preprocessing gives for an empty range or a black picture."""
    found = network(name)(torch.zeros(2, *student_specification(name).shape))
    assert torch.isfinite(found).all()


def test_other_inputs_than_the_designed_ones() -> None:
    """More mel bands, time slices, points without a scale: built for the given specification."""
    for name, changes in (
        ('audio', {'mels': 128}),
        ('event', {'bins': 4, 'size': 64}),
        ('point_cloud', {'points': 256}),
    ):
        specification = modality(name).specification(**changes)
        encoder = student(name, dimension=8, specification=specification).eval()
        assert encoder(torch.randn(2, *specification.shape)).shape == (2, 8)


def test_what_cannot_be_built_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"modality: got 'text'"):
        student('text', dimension=8)
    with pytest.raises(ConfigError, match=r'(?s)size.*dimension'):
        student('image', dimension=1, size='huge')  # type: ignore[arg-type]
