"""The text encoder of a teacher, as a bundle takes it."""

from __future__ import annotations

from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.inference.bundle_text import TextExport
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.projection import read_projection
from omnibind_core.models.teachers.conse import ConSE
from omnibind_core.models.teachers.conse import ConSEOptions
from omnibind_core.models.teachers.load import CONSE
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.teacher_run import PROJECTION_NAME

_MOST_BYTES = 2**30


def text_export(teacher: str, dimension: int) -> TextExport:
    """The text encoder and the projection of a teacher.

    :param teacher: ``conse``, which fits its projection anew with the default options; or the run
        folder of a ConSE teacher, whose projection is taken as it is.
    :param dimension: length of the space's vectors.
    :raises ConfigError: it is neither.
    :raises TrainingError: the run folder's projection cannot be read.
    :raises UnavailableError: a package is not installed; names it.
    :raises TeacherError: a package's file is missing, altered or of another version.
    """
    from omnibind_core.models.teachers.conse_packages import load_conse
    from omnibind_core.models.teachers.conse_packages import minilm_files

    folder = Path(teacher).expanduser()
    if folder.is_dir():
        projection = _read(folder / PROJECTION_NAME)
    elif teacher == CONSE:
        projection = load_conse(ConSEOptions(dimension=dimension)).projection
    else:
        problem = Problem('teacher', repr(teacher), f"{CONSE}, or the folder of a teacher's run")
        raise ConfigError('teacher', [problem])
    model, tokenizer = minilm_files()
    return TextExport(model, tokenizer, projection, ConSE.name)


def _read(path: Path) -> Projection:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise TrainingError(f'{path}: larger than {_MOST_BYTES} bytes')
        return read_projection(path.read_bytes(), name=str(path))
    except OSError as error:
        raise TrainingError(
            f"{path}: {error.strerror}; only a ConSE teacher's run has one"
        ) from error
