"""Small results of fusions, as finished runs leave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from measured_table import ABOUT
from measured_table import measured
from measured_table import measured_document

from omnibind_core.evaluation.results.fusion_result import fusion_result


def small(split: int, seed: int, *, data: int = 0, ignored: tuple[str, ...] = ()) -> dict[str, Any]:
    """The small result of an evaluation, called another split and seed."""
    about = {**ABOUT, 'split': split, 'fusion': {'seed': seed}}
    what: dict[str, Any] = {'seed': data, 'ignored': ignored}
    return fusion_result(measured(**what), about, measured_document(**what))


def written(folder: Path, *results: dict[str, Any]) -> Path:
    """Files as runs leave them."""
    folder.mkdir(parents=True, exist_ok=True)
    for given in results:
        name = f'split_{given["split"]}_seed_{given["seed"]}.json'
        (folder / name).write_text(json.dumps(given))
    return folder
