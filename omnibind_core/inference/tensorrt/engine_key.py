"""What an engine was built of and for: with any other, it is another engine."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
import platform

from omnibind_core.inference.tensorrt.half_precision import RECIPE
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import Toolkit

SCHEMA = 1  # of this key and of the file


@dataclass(frozen=True)
class EngineKey:
    """Made by :func:`engine_key` and :func:`timings_key`.

    :param kind: ``engine``, or ``timings``: which kernels were the fastest.
    :param model: SHA-256 of the bundle's ONNX file.
    :param precision: with the number of the recipe that makes fp16 of fp32.
    :param profile: the input's name and shapes.
    :param options: other settings of the builder.
    :param product: ``tensorrt`` or ``tensorrt_rtx``.
    :param version: all parts of it.
    :param gpu: its name.
    :param capability: its compute capability.
    :param machine: operating system and processor.
    """

    kind: str
    model: str
    precision: str
    profile: str
    options: str
    product: str
    version: str
    gpu: str
    capability: str
    machine: str
    schema: int = SCHEMA

    @property
    def digest(self) -> str:
        """SHA-256 over all of it."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def file_name(self) -> str:
        """Under which it is kept."""
        return f'{self.digest[:32]}.{self.kind}'


def engine_key(
    toolkit: Toolkit, model: bytes, profile: Profile, settings: TensorRtSettings
) -> EngineKey:
    """The key of a model's engine on this machine.

    :param model: the bundle's ONNX file, whatever the precision.
    """
    recipe = f' recipe {RECIPE}' if settings.precision == 'fp16' else ''
    return _key(
        toolkit,
        kind='engine',
        model=hashlib.sha256(model).hexdigest(),
        precision=f'{settings.precision}{recipe}',
        profile=f'{profile.tensor} {profile.shapes}',
        options=f'workspace {settings.workspace_mb} MB',
    )


def timings_key(toolkit: Toolkit) -> EngineKey:
    """The key of the timing cache of this machine."""
    return _key(toolkit, kind='timings', model='', precision='', profile='', options='')


def _key(
    toolkit: Toolkit, *, kind: str, model: str, precision: str, profile: str, options: str
) -> EngineKey:
    return EngineKey(
        kind=kind,
        model=model,
        precision=precision,
        profile=profile,
        options=options,
        product=toolkit.product,
        version=toolkit.version,
        gpu=toolkit.device.name,
        capability='.'.join(map(str, toolkit.device.capability)),
        machine=f'{platform.system()} {platform.machine()}',
    )
