"""What can be wrong with a bag that is to be made: each error is one sentence with what to do."""

from __future__ import annotations

from omnibind_core.errors import OmniBindError


class BagError(OmniBindError):
    """A bag cannot be made: its place is taken, or a thing is asked for that is not there."""


class FoldError(BagError):
    """A bag shows one fold alone; a thing of another would make every figure from it worthless.

    :param instance: the one that was asked for.
    :param fold: the fold that it is in.
    :param shown: the fold that the bag is of.
    """

    def __init__(self, instance: str, fold: str, shown: str) -> None:
        self.instance = instance
        self.fold = fold
        super().__init__(
            f'instance {instance} is in the fold {fold} of the first split; a bag shows instances '
            f'of its {shown} fold alone: choose one of these, or `any`'
        )
