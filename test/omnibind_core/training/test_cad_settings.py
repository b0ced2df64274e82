"""Settings of stage 1: the shipped file, sections by modality, everything wrong at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from omnibind_core.configuration.option import options_of
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.training.ablation_plan import AblationSettings
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.cad_settings import read_cad_settings

CONFIG = Path(__file__).resolve().parents[3] / 'config'


def written(folder: Path, text: str) -> Path:
    path = folder / 'train.yaml'
    path.write_text(text)
    return path


def test_shipped_file_says_every_key_and_budgets_are_those_of_the_data() -> None:
    content = yaml.safe_load((CONFIG / 'train_cad.yaml').read_text())
    assert set(content) == {*options_of(CadSettings), 'modalities'}
    budgets = yaml.safe_load((CONFIG / 'omnihome.yaml').read_text())['budgets']
    for name in SENSOR_NAMES:
        assert read_cad_settings(CONFIG / 'train_cad.yaml', name).budget == budgets[name]


def test_shipped_plan_of_the_ablation_says_every_key() -> None:
    content = yaml.safe_load((CONFIG / 'cad_ablation.yaml').read_text())
    assert set(content) == set(options_of(AblationSettings))


def test_sections_change_what_they_name(tmp_path: Path) -> None:
    path = written(tmp_path, 'epochs: 7\nmodalities:\n  touch: {epochs: 9, terms: [scratch]}\n')
    assert read_cad_settings(path, 'thermal') == CadSettings(epochs=7)
    touch = read_cad_settings(path, 'touch')
    assert touch == CadSettings(epochs=9, terms=('scratch',))
    assert touch.scratch


def test_nothing_written_is_all_defaults(tmp_path: Path) -> None:
    assert read_cad_settings(written(tmp_path, ''), 'audio') == CadSettings()


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('epochs: 0', r'epochs: got 0'),
        ('epochs: 5\nevaluate_every: 6', r'evaluate_every: got 6; allowed: at most epochs \(5\)'),
        ('terms: [in, in]', 'terms'),
        ('terms: [in, scratch]', 'scratch alone'),
        ('terms: []', 'terms'),
        ('terms: [contrast]', "'contrast'"),
        ('learning_rat: 1', 'learning_rate'),
        ('modalities: {smell: {}}', 'modalities.smell'),
        ('modalities: {touch: 3}', 'modalities.touch'),
        ('modalities: {touch: {epoch: 3}}', 'modalities.touch.epoch'),
        ('modalities: {touch: {epochs: 0}}', r'modalities.touch.*\n.*epochs: got 0'),
        ('modalities: 3', 'modalities'),
        ('- 1', 'a mapping'),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    """Also in the section of another modality."""
    with pytest.raises(ConfigError, match=message):
        read_cad_settings(written(tmp_path, text), 'thermal')


def test_unknown_modality(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='modality'):
        read_cad_settings(written(tmp_path, ''), 'text')
