"""What can be wrong with the household models: each error is one sentence with what to do."""

from __future__ import annotations

from omnibind_core.errors import OmniBindError


class ModelSourceError(OmniBindError):
    """The models are not there, not complete, or not the version that was curated."""


class CatalogueError(OmniBindError):
    """A library's catalogue cannot be read, or a model is asked for that it does not list."""


class MeshError(OmniBindError):
    """One model's mesh cannot be read; the message names the model and the line's content.

    :param model: id of the model, or the member's path in its archive.
    """

    def __init__(self, model: str, problem: str) -> None:
        self.model = model
        self.problem = problem
        super().__init__(f'model {model}: {problem}')


class CurationError(OmniBindError):
    """The class table contradicts itself, the catalogue, or what the benchmark needs."""
