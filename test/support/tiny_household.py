"""A household of boxes: models, class table and configuration, made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tiny_models import write_library
import yaml

CLASSES = ('board', 'pillar')


def box_obj(width: float, height: float, depth: float) -> str:
    """A box, y up, of one material."""
    corners = np.array([[x, y, z] for z in (0, depth) for y in (0, height) for x in (0, width)])
    lines = ['mtllib box.mtl', 'usemtl painted_wood']
    lines += [f'v {x:.3f} {y:.3f} {z:.3f}' for x, y, z in corners]
    lines += [
        f'f {face}' for face in ('1 3 4 2', '5 6 8 7', '1 2 6 5', '3 7 8 4', '1 5 7 3', '2 4 8 6')
    ]
    return '\n'.join(lines) + '\n'


def tiny_household(folder: Path, *, broken: str = '') -> Path:
    """Eight boards and eight pillars, and the configuration that generates them.

    :param broken: ``board_3``: the mesh of this model cannot be read.
    :returns: path of the YAML file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries, members, rows = [], {}, ['model,class,series,name,reason,notes']
    for label in CLASSES:
        for number in range(8):
            name = f'{label}_{number}'
            long = 60 + 5 * number
            size = (long, 4, 30) if label == 'board' else (6, long, 6)
            entries.append(
                {
                    'id': f'Tiny#{name}',
                    'name': f'{label} {number}',
                    'model': f'/tiny/{name}/box.obj',
                    'width': str(size[0]),
                    'height': str(size[1]),
                    'depth': str(size[2]),
                }
            )
            obj = 'f 1 2 3\n' if name == broken else box_obj(*(float(side) for side in size))
            members[f'tiny/{name}/box.obj'] = obj
            members[f'tiny/{name}/box.mtl'] = f'newmtl painted_wood\nKd 0.{number + 1} 0.4 0.2\n'
            rows.append(f'tiny_{name},{label},,,,')
    write_library(folder, entries, members)
    (folder / 'classes.csv').write_text('\n'.join(rows) + '\n')
    (folder / 'definitions.csv').write_text(
        'class,definition\n' + ''.join(f'{label},a {label}\n' for label in CLASSES)
    )
    (folder / 'similar.csv').write_text('first,second,distance,stretch\n')
    settings = {
        'models': '.',
        'libraries': ['Tiny'],
        'classes': 'classes.csv',
        'definitions': 'definitions.csv',
        'similar': 'similar.csv',
        'views': 1,
        'copy_views': 1,
        'seed': 3,
    }
    (folder / 'tiny.yaml').write_text(yaml.safe_dump(settings))
    return folder / 'tiny.yaml'
