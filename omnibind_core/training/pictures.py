"""A data set's pictures as a teacher sees them: fitting its adapter to them, and judging it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.models.teachers.adapter import AdaptedTeacher
from omnibind_core.models.teachers.adapter import Adapter
from omnibind_core.models.teachers.teacher import Teacher
from omnibind_core.training.adapter_fit import AdapterOptions
from omnibind_core.training.adapter_fit import fit_adapter
from omnibind_core.training.adapter_fit import parts_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Pictures:
    """A data set's pictures as a teacher sees them, ``m`` of them.

    :param features: ``[m, f]``.
    :param plain: the teacher's vectors ``[m, d]``, unit.
    :param labels: int64 ``[m]``.
    :param folds: names ``[m]``.
    :param copies: whether they are of deformed copies ``[m]``.
    :param groups: the thing, the same for its copies ``[m]``.
    :param of_labels: the labels' vectors ``[c, d]``, unit.
    """

    features: NDArray[np.float32]
    plain: NDArray[np.float32]
    labels: NDArray[np.int64]
    folds: NDArray[np.object_]
    copies: NDArray[np.bool_]
    groups: tuple[str, ...]
    of_labels: NDArray[np.float32]

    def fitted(self, used: NDArray[np.bool_], options: AdapterOptions | None) -> Adapter:
        """An adapter fitted to some of the pictures.

        :raises ConfigError: there are none.
        """
        if not used.any():
            problem = Problem('data', 'no pictures in the student fold', 'some to fit to')
            raise ConfigError('adapter', [problem])
        return fit_adapter(
            self.features[used], self.plain[used], self.labels[used], self.of_labels, options
        )

    def cross_fitted(
        self,
        teacher: Teacher,
        image: NDArray[np.float32],
        count: int,
        options: AdapterOptions | None,
    ) -> NDArray[np.float32]:
        """Vectors in which the student fold's come from adapters that never saw the thing.

        :param image: vectors of all pictures ``[m, d]``; those of other folds stay.
        :param count: of parts.
        """
        result = image.copy()
        student = self.folds == 'student'
        parts = parts_of(self.groups, count)
        for part in range(count):
            held = student & (parts == part)
            if held.any():
                adapter = self.fitted(student & ~held, options)
                result[held] = AdaptedTeacher(teacher, adapter).embed_features(self.features[held])
        return result

    def figures(self, image: NDArray[np.float32], used: NDArray[np.bool_]) -> dict[str, float]:
        """How often the nearest label is right, over some pictures and as the mean over classes.

        :param image: vectors of all pictures ``[m, d]``.
        """
        right = (image[used] @ self.of_labels.T).argmax(axis=1) == self.labels[used]
        of_classes = [right[self.labels[used] == label].mean() for label in set(self.labels[used])]
        things = {group for group, here in zip(self.groups, used, strict=True) if here}
        return {
            'top1': round(float(right.mean()), 4) if right.size else 0.0,
            'top1_by_class': round(float(np.mean(of_classes)), 4) if of_classes else 0.0,
            'pictures': int(used.sum()),
            'instances': len(things),
        }
