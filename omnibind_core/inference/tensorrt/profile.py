"""The shapes an engine is built for: any batch up to the largest, everything else fixed."""

from __future__ import annotations

from dataclasses import dataclass

from omnibind_core.inference.tensorrt.errors import EngineBuildError
from omnibind_core.inference.tensorrt.trt_api import Builder
from omnibind_core.inference.tensorrt.trt_api import BuilderConfig
from omnibind_core.inference.tensorrt.trt_api import Engine
from omnibind_core.inference.tensorrt.trt_api import Network


@dataclass(frozen=True)
class Profile:
    """The one optimisation profile of an engine; the best batch is 1, which a robot runs.

    :param tensor: name of the model's input.
    :param shape: of one input, without the batch axis.
    :param most: the largest batch.
    """

    tensor: str
    shape: tuple[int, ...]
    most: int

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Least, best and largest shape, with the batch axis."""
        return (1, *self.shape), (1, *self.shape), (self.most, *self.shape)

    def apply(self, builder: Builder, network: Network, config: BuilderConfig, name: str) -> None:
        """Give it to a builder.

        TensorRT takes a profile for a tensor that does not exist without a word, and builds an
        engine that cannot be run; so names and shapes are compared here.

        :param name: of the model, for errors.
        :raises EngineBuildError: when the network has another input, or TensorRT refuses it.
        """
        inputs = [network.get_input(index) for index in range(network.num_inputs)]
        found = {tensor.name: tuple(tensor.shape) for tensor in inputs}
        if found != {self.tensor: (-1, *self.shape)}:
            raise EngineBuildError(
                f'{name}: the profile is for {self.tensor!r} {[-1, *self.shape]}, '
                f'the network takes {found}'
            )
        profile = builder.create_optimization_profile()
        profile.set_shape(self.tensor, *self.shapes)
        if config.add_optimization_profile(profile) < 0:
            raise EngineBuildError(f'{name}: TensorRT refuses the profile {self.shapes}')

    def fits(self, engine: Engine) -> bool:
        """Whether an engine was built for it."""
        found = tuple(tuple(shape) for shape in engine.get_tensor_profile_shape(self.tensor, 0))
        return found == self.shapes
