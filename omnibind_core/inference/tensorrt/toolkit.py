"""TensorRT, CUDA and the GPU of this machine: what all of the back end is given."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
import threading
from typing import Any
from typing import cast

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.tensorrt.cuda_api import CudaApi
from omnibind_core.inference.tensorrt.cuda_api import Device
from omnibind_core.inference.tensorrt.cuda_python import CudaPython
from omnibind_core.inference.tensorrt.errors import TensorRtError
from omnibind_core.inference.tensorrt.trt_api import TrtModule
from omnibind_core.inference.tensorrt.trt_log import TrtLog

# Product (and its module) -> major versions that this source was held against.
PRODUCTS = {'tensorrt': (10, 11), 'tensorrt_rtx': (1,)}


@dataclass(frozen=True)
class Toolkit:
    """What engines are built, loaded and run with.

    :param trt: the TensorRT module.
    :param product: ``tensorrt`` or ``tensorrt_rtx``.
    :param version: all parts of it.
    :param cuda: CUDA.
    :param device: the GPU.
    :param log: what takes TensorRT's messages.
    """

    trt: TrtModule
    product: str
    version: str
    cuda: CudaApi
    device: Device
    log: TrtLog

    def __str__(self) -> str:
        return f'{self.product} {self.version} on {self.device}'


def make_toolkit(trt: Any, product: str, cuda: CudaApi) -> Toolkit:
    """A toolkit of a module and a CUDA.

    :raises UnavailableError: for a version that this source is not for, and when no GPU answers.
    """
    version = str(trt.__version__)
    majors = PRODUCTS[product]
    if version.split('.', maxsplit=1)[0] not in map(str, majors):
        wanted = ' or '.join(map(str, majors))
        raise UnavailableError(f'{product} {version} is installed; version {wanted} is supported')
    try:
        device = cuda.device()
    except TensorRtError as error:
        raise UnavailableError(f'{product} {version} is installed, no GPU answers: {error}') from (
            error
        )
    module = cast('TrtModule', trt)
    return Toolkit(module, product, version, cuda, device, TrtLog(module))


_FINDING = threading.Lock()


def installed_toolkit() -> Toolkit:
    """The toolkit of this machine, the same each time, since TensorRT takes one logger a process.

    :raises UnavailableError: naming what is missing.
    """
    with _FINDING:  # encoders of one process are loaded by threads
        return _installed()


@lru_cache(maxsize=1)
def _installed() -> Toolkit:
    return find_toolkit(tuple(PRODUCTS), import_module, CudaPython)


def find_toolkit(
    products: Sequence[str], load: Callable[[str], Any], cuda: Callable[[], CudaApi]
) -> Toolkit:
    """The first product that can be imported and finds a GPU.

    :param load: imports a module by name.
    :param cuda: makes the CUDA interface.
    :raises UnavailableError: naming for each product what is missing.
    """
    reasons = []
    for product in products:
        found = _try(product, load, cuda)
        if isinstance(found, Toolkit):
            return found
        reasons.append(found)
    raise UnavailableError('; '.join(reasons))


def _try(product: str, load: Callable[[str], Any], cuda: Callable[[], CudaApi]) -> Toolkit | str:
    """One product, or why not."""
    try:
        return make_toolkit(load(product), product, cuda())
    except ModuleNotFoundError as error:
        if error.name == product:
            return f'{product} is not installed'
        return f'{product} is not complete: {error.name or error} is missing'
    except (ImportError, OSError) as error:  # the module is there, a library of it is not
        return f'{product} cannot be imported: {error}'
    except UnavailableError as error:
        return str(error)
