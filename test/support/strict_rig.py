"""A TensorRT and a GPU that are not there, put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onnx_models import adding_model
from strict_cuda import StrictCuda
from strict_tensorrt import StrictTensorRt

from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.inference.tensorrt.build import build_plan
from omnibind_core.inference.tensorrt.cuda_api import Device
from omnibind_core.inference.tensorrt.engine_cache import EngineCache
from omnibind_core.inference.tensorrt.open_engine import open_engine
from omnibind_core.inference.tensorrt.open_engine import Opened
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.session import TensorRtSession
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import make_toolkit
from omnibind_core.inference.tensorrt.toolkit import Toolkit

MODEL = adding_model()  # input [b, 4] -> embedding [b, 4]: plus 0, 1, 2, 3
PROFILE = Profile('input', (4,), 3)


@dataclass
class Rig:
    """The fakes, and the toolkit over them."""

    cuda: StrictCuda
    trt: StrictTensorRt
    toolkit: Toolkit

    def plan(self) -> bytes:
        return build_plan(
            self.toolkit.trt, self.toolkit.log, MODEL, PROFILE, name='m.onnx', workspace_mb=64
        ).plan

    def session(self, *, cuda_graph: bool = False) -> TensorRtSession:
        return TensorRtSession(
            self.toolkit,
            self.plan(),
            PROFILE,
            output_size=4,
            name='m.onnx',
            cuda_graph=cuda_graph,
        )

    def open(self, folder: Path, settings: TensorRtSettings | None = None) -> Opened:
        return open_engine(
            self.toolkit,
            EngineCache(folder),
            MODEL,
            OnnxSession(MODEL, name='m.onnx'),
            settings or TensorRtSettings(max_batch=3),
            name='m.onnx',
        )


def rig(
    version: str = '11.4.0.106', product: str = 'tensorrt', device: Device | None = None
) -> Rig:
    """A new one."""
    cuda = StrictCuda(device)
    trt = StrictTensorRt(cuda, version)
    return Rig(cuda, trt, make_toolkit(trt, product, cuda))
