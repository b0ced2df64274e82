"""The shipped encoders, parsed and built by NVIDIA's own parser and builder, on the CPU.

TensorRT-RTX builds ahead of time for GPUs that are not there. It is another product than TensorRT:
this says that the models are in the parser's subset and that our calls are right, nothing of speed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onnx import helper
from onnx import TensorProto
import pytest
from strict_cuda import StrictCuda
from strict_rig import MODEL

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.inference.tensorrt.build import build_plan
from omnibind_core.inference.tensorrt.build import Built
from omnibind_core.inference.tensorrt.cuda_python import CudaPython
from omnibind_core.inference.tensorrt.errors import EngineBuildError
from omnibind_core.inference.tensorrt.errors import EngineLoadError
from omnibind_core.inference.tensorrt.half_precision import half_model
from omnibind_core.inference.tensorrt.loaded_engine import LoadedEngine
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.toolkit import find_toolkit
from omnibind_core.inference.tensorrt.toolkit import make_toolkit
from omnibind_core.inference.tensorrt.toolkit import Toolkit

trt: Any = pytest.importorskip('tensorrt_rtx_bindings', reason='TensorRT-RTX is not installed')
BUNDLE = Path(__file__).resolve().parents[4] / 'bundles' / 'omnihome'
# GeForce RTX 30, 40 and 50.
CAPABILITIES = ((8, 6), (8, 9), (12, 0))
PROFILE = Profile('input', (4,), 8)


@pytest.fixture(scope='module')
def toolkit() -> Toolkit:
    """TensorRT-RTX, and a GPU of the imagination."""
    return make_toolkit(trt, 'tensorrt_rtx', StrictCuda())


def build(
    toolkit: Toolkit,
    model: bytes,
    profile: Profile = PROFILE,
    capabilities: tuple[tuple[int, int], ...] = CAPABILITIES[:1],
    timings: bytes = b'',
) -> Built:
    return build_plan(
        toolkit.trt,
        toolkit.log,
        model,
        profile,
        name='m.onnx',
        workspace_mb=256,
        timings=timings,
        capabilities=capabilities,
    )


@pytest.mark.skipif(not BUNDLE.is_dir(), reason='bundles/omnihome is not there')
@pytest.mark.parametrize('precision', ['fp32', 'fp16'])
@pytest.mark.parametrize('modality', ['image', 'thermal', 'event', 'point_cloud', 'audio', 'touch'])
def test_every_encoder_builds(toolkit: Toolkit, modality: str, precision: str) -> None:
    """For three generations of GPUs in one engine; in fp16 the weights take half the space."""
    bundle = open_bundle(BUNDLE)
    model = bundle.read_bytes(bundle.manifest.modalities[modality].model)
    session = OnnxSession(model, name=modality)
    profile = Profile(session.input_name, session.input_shape, 8)
    if precision == 'fp16':
        model = half_model(model, name=modality)
    built = build(toolkit, model, profile, CAPABILITIES)
    assert len(built.plan) > len(model) / 2
    assert built.timings


@pytest.mark.skipif(not BUNDLE.is_dir(), reason='bundles/omnihome is not there')
@pytest.mark.parametrize('precision', ['fp32', 'fp16'])
def test_every_output_is_what_the_runtime_makes_room_for(toolkit: Toolkit, precision: str) -> None:
    """``[any, d]`` float32 by TensorRT's own reckoning; other engines are refused."""
    bundle = open_bundle(BUNDLE)
    log = toolkit.log.logger
    for name, entry in bundle.manifest.modalities.items():
        model = bundle.read_bytes(entry.model)
        if precision == 'fp16':
            model = half_model(model, name=name)
        builder = trt.Builder(log)
        flag = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        network = builder.create_network(flag)
        parser = trt.OnnxParser(network, log)
        assert parser.parse(model)
        outputs = [network.get_output(index) for index in range(network.num_outputs)]
        found = [(tuple(one.shape), one.dtype) for one in outputs]
        assert found == [((-1, bundle.manifest.dimension), trt.DataType.FLOAT)], name


def test_every_encoder_of_the_bundle_is_in_the_test() -> None:
    """The list above is the bundle's."""
    (mark,) = [
        mark
        for mark in test_every_encoder_builds.pytestmark  # type: ignore[attr-defined]
        if mark.name == 'parametrize' and mark.args[0] == 'modality'
    ]
    assert set(mark.args[1]) == set(open_bundle(BUNDLE).manifest.modalities)


def test_timings_are_taken_again(toolkit: Toolkit) -> None:
    """What one build gave, the next one takes; nonsense is not used, and does not stop it."""
    built = build(toolkit, MODEL)
    assert build(toolkit, MODEL, timings=built.timings).plan
    assert build(toolkit, MODEL, timings=b'nonsense').plan


@pytest.mark.parametrize('profile', [Profile('picture', (4,), 8), Profile('input', (5,), 8)])
def test_a_profile_for_another_input(toolkit: Toolkit, profile: Profile) -> None:
    """TensorRT itself takes a wrong name without a word; we do not."""
    builder = trt.Builder(toolkit.log.logger)
    config = builder.create_builder_config()
    silent = builder.create_optimization_profile()
    silent.set_shape('picture', (1, 4), (1, 4), (8, 4))
    assert config.add_optimization_profile(silent) >= 0
    with pytest.raises(EngineBuildError, match='the network takes'):
        build(toolkit, MODEL, profile)


def test_an_operator_that_tensorrt_does_not_have(toolkit: Toolkit) -> None:
    """The error says which."""
    graph = helper.make_graph(
        [helper.make_node('MadeUp', ['input'], ['embedding'], domain='example.org')],
        'g',
        [helper.make_tensor_value_info('input', TensorProto.FLOAT, ['b', 4])],
        [helper.make_tensor_value_info('embedding', TensorProto.FLOAT, ['b', 4])],
    )
    opsets = [helper.make_opsetid('', 17), helper.make_opsetid('example.org', 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    with pytest.raises(EngineBuildError, match=r'm\.onnx: TensorRT cannot read.*MadeUp'):
        build(toolkit, model.SerializeToString())


def test_no_model(toolkit: Toolkit) -> None:
    """Bytes that are no ONNX."""
    with pytest.raises(EngineBuildError, match='cannot read the model'):
        build(toolkit, b'nothing')


def test_a_gpu_that_cannot_run_the_model(toolkit: Toolkit) -> None:
    """Turing has no fp32 matrix products in TensorRT-RTX; its reason is passed on."""
    bundle = open_bundle(BUNDLE)
    model = bundle.read_bytes(bundle.manifest.modalities['image'].model)
    session = OnnxSession(model, name='image')
    profile = Profile(session.input_name, session.input_shape, 8)
    with pytest.raises(EngineBuildError, match=r'cannot build an engine: .*(?i:not supported)'):
        build(toolkit, model, profile, ((7, 5),))


def test_a_gpu_of_which_this_version_knows_nothing(toolkit: Toolkit) -> None:
    """A typed error, so that ONNX Runtime runs the model."""
    with pytest.raises(EngineBuildError, match=r'compute capability 99\.9'):
        build(toolkit, MODEL, capabilities=((99, 9),))


def test_loading_without_a_driver_is_a_typed_error(toolkit: Toolkit) -> None:
    """TensorRT gives None; the message is CUDA's, and nothing is left allocated."""
    if _gpu():
        pytest.skip('there is a GPU')
    plan = build(toolkit, MODEL).plan
    with pytest.raises(EngineLoadError, match=r'(?i:cuda)'):
        LoadedEngine(toolkit, plan, PROFILE, output_size=4, name='m.onnx', cuda_graph=False)
    toolkit.cuda.check_clean()  # type: ignore[attr-defined]


def test_the_choice_says_that_no_gpu_answers() -> None:
    """The real TensorRT-RTX and the real CUDA calls, on a machine without a driver."""
    if _gpu():
        pytest.skip('there is a GPU')
    with pytest.raises(UnavailableError, match=r'tensorrt_rtx 1\..* no GPU answers.*error 35'):
        find_toolkit(['tensorrt_rtx'], lambda name: trt, CudaPython)


def _gpu() -> bool:
    from omnibind_core.inference.tensorrt.errors import CudaError

    try:
        CudaPython().device()
    except CudaError:
        return False
    return True
