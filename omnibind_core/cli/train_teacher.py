"""`omnibind train teacher`: a frozen teacher's vectors of a data set, which students learn from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

EXAMPLE = (
    'omnibind train teacher --data data/omnihome --teacher conse --split 0 --out runs/teacher_0 '
    '--definitions config/omnihome_class_definitions.csv'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('--data', type=Path, required=True, help='folder of the data set')
    parser.add_argument(
        '--teacher',
        default='conse',
        help='conse (default), or the folder of a CLIP-like checkpoint of transformers',
    )
    parser.add_argument('--split', type=int, default=0, help='split into folds (default 0)')
    parser.add_argument('--out', type=Path, required=True, help='run folder')
    parser.add_argument(
        '--cache',
        type=Path,
        help='folder of embedded pictures, shared by runs (default: teacher_cache beside --out)',
    )
    parser.add_argument(
        '--definitions', type=Path, metavar='CSV', help='what each class is: class,definition'
    )
    parser.add_argument('--dimension', type=int, help='length of the vectors (conse; default 256)')
    parser.add_argument(
        '--projection', type=Path, help='live in the space of another run: its projection (conse)'
    )
    parser.add_argument('--no-adapter', action='store_true', help='the teacher as it is, zero-shot')
    parser.add_argument(
        '--cross-fit',
        type=int,
        default=0,
        metavar='N',
        help='vectors of the student fold from adapters that never saw the thing, in N parts',
    )
    parser.add_argument(
        '--whole-captions', action='store_true', help="leave the class's noun in captions"
    )


def run(arguments: argparse.Namespace) -> int:
    """Embed, adapt, write; prints figures of the val fold."""
    from omnibind_core.cli.data_choice import check_split
    from omnibind_core.cli.progress import Progress
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.models.teachers.load import load_teacher
    from omnibind_core.simulation.class_table import read_definitions
    from omnibind_core.training.embed_data_set import pairs_of
    from omnibind_core.training.teacher_run import TeacherOptions
    from omnibind_core.training.teacher_run import train_teacher

    options = TeacherOptions(
        adapter=not arguments.no_adapter,
        cross_fit=arguments.cross_fit,
        whole_captions=arguments.whole_captions,
    )
    manifest = read_manifest(arguments.data)
    check_split(manifest, arguments.split)
    definitions = read_definitions(arguments.definitions) if arguments.definitions else None
    teacher = load_teacher(
        arguments.teacher, _conse(arguments), projection=_projection(arguments.projection)
    )
    pictures = sum(image is not None for image in pairs_of(manifest, arguments.split).images)
    facts = train_teacher(
        manifest,
        teacher,
        arguments.out,
        split=arguments.split,
        cache_folder=arguments.cache or arguments.out.parent / 'teacher_cache',
        options=options,
        definitions=definitions,
        report=Progress(pictures, 'pictures').step,
    )
    print('\n'.join(_lines(facts)))
    return 0


def _conse(arguments: argparse.Namespace) -> Any:
    """Options of ConSE that were asked for, ``None`` for none."""
    from omnibind_core.configuration.reader import read
    from omnibind_core.models.teachers.conse import ConSEOptions

    if arguments.dimension is None:
        return None
    return read(ConSEOptions, {'dimension': arguments.dimension}, source='arguments')


def _projection(path: Path | None) -> Any:
    """The projection in a file, ``None`` for none."""
    from omnibind_core.inference.projection import read_projection

    return None if path is None else read_projection(path.read_bytes(), name=str(path))


def _lines(facts: dict[str, Any]) -> list[str]:
    word = ' (simulated)' if facts['simulated'] else ''
    lines = [
        f'teacher {facts["teacher"]}, space {facts["space"]}, dimension {facts["dimension"]}',
        f'top-1{word}: share of pictures, mean over classes',
    ]
    for name, found in facts['figures'].items():
        lines.append(
            f'  {name:<37}{found["top1"]:.3f}  {found["top1_by_class"]:.3f}  '
            f'({found["pictures"]} pictures of {found["instances"]} things)'
        )
    lines.append('relations in the student fold: effective rank, share of the 10 nearest in class')
    for name, found in facts['relations'].items():
        lines.append(f'  {name:<37}{found["effective_rank"]:5.1f}  {found["class_share"]:.3f}')
    lines.append(
        f'{facts["rows"]} rows, {facts["rows_with_bare_prompt"]} with the bare prompt as caption, '
        f'{facts["rows_without_picture"]} without a picture; {facts["seconds"]:.0f} s, '
        f'{facts["seconds_embedding"]:.0f} s of them embedding'
    )
    return lines
