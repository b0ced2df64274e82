"""The configuration of OmniHome: shipped file, problems, what decides the data."""

from __future__ import annotations

from dataclasses import fields
import json
from pathlib import Path

import pytest
from tiny_household import tiny_household
import yaml

from omnibind_core.configuration.option import option_of
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import NAMES
from omnibind_core.simulation.omnihome import Budgets
from omnibind_core.simulation.omnihome import OmniHome
from omnibind_core.simulation.omnihome import read_omnihome
from omnibind_core.simulation.sensor_table import settings_classes
from omnibind_core.simulation.sensor_table import settings_name

SHIPPED = Path(__file__).resolve().parents[3] / 'config' / 'omnihome.yaml'


def test_the_shipped_file_says_the_defaults(tmp_path: Path) -> None:
    """Every value in it is the default, so that what stands there is true; nothing is left out."""
    shipped = yaml.safe_load(SHIPPED.read_text())
    short = {name: shipped[name] for name in ('models', 'classes', 'definitions', 'similar')}
    for name in ('classes', 'definitions', 'similar'):
        short[name] = str(SHIPPED.parent / short[name])
    (tmp_path / 'models').mkdir()
    short['models'] = 'models'
    (tmp_path / 'short.yaml').write_text(yaml.safe_dump(short))
    full = {**shipped, **short}
    (tmp_path / 'full.yaml').write_text(yaml.safe_dump(full))
    wanted = read_omnihome(tmp_path / 'short.yaml')
    assert read_omnihome(tmp_path / 'full.yaml').content() == wanted.content()
    assert set(shipped) == {item.name for item in fields(OmniHome)} - {'sensors', 'libraries'}
    assert set(shipped['budgets']) == {item.name for item in fields(Budgets)} == set(NAMES)
    for line in SHIPPED.read_text().splitlines():
        assert len(line) <= 130


def test_sensors_have_described_settings() -> None:
    """One class each, named after its modality; every field says what it means."""
    classes = settings_classes()
    assert tuple(classes) == NAMES
    assert settings_name('point_cloud') == 'PointCloudSimulation'
    for cls in classes.values():
        for item in fields(cls):
            assert option_of(item).text


def test_all_problems_at_once(tmp_path: Path) -> None:
    """Own keys, folds, sensors and missing files."""
    path = tiny_household(tmp_path)
    settings = yaml.safe_load(path.read_text())
    settings.update(
        views=0,
        veiws=3,
        folds={'test_share': 2.0},
        sensors={'smell': {}, 'touch': {'width': 1}},
    )
    path.write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigError) as caught:
        read_omnihome(path)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {'views', 'veiws', 'folds.test_share', 'sensors.smell', 'sensors.touch.width'}


def test_missing_files_and_folders(tmp_path: Path) -> None:
    """Each is named, with what to do."""
    path = tiny_household(tmp_path)
    settings = yaml.safe_load(path.read_text())
    settings.update(models='nowhere', similar='none.csv', split_seeds=[0, 1])
    path.write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigError) as caught:
        read_omnihome(path)
    assert [problem.key for problem in caught.value.problems] == ['similar', 'models']
    settings.update(models='.', similar='similar.csv', split_seeds=[1, 1])
    path.write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigError, match='all different'):
        read_omnihome(path)


def test_what_decides_the_data(tmp_path: Path) -> None:
    """Settings and the tables' content, not where they lie; plain JSON."""
    one = read_omnihome(tiny_household(tmp_path / 'a')).content()
    assert read_omnihome(tiny_household(tmp_path / 'b')).content() == one
    assert json.loads(json.dumps(one)) == one
    assert one['sensors']['thermal']['width'] > 0
    table = tmp_path / 'b' / 'classes.csv'
    table.write_text(table.read_text() + '\n')
    assert read_omnihome(tmp_path / 'b' / 'tiny.yaml').content() != one
    path = tmp_path / 'a' / 'tiny.yaml'
    path.write_text(path.read_text() + '\nsensors: {touch: {least_force: 2.0}}\n')
    assert read_omnihome(path).content()['sensors']['touch']['least_force'] == 2.0
