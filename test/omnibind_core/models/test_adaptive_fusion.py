from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from omnibind_core.inference.classification import posterior
from omnibind_core.inference.classification import product_of_posteriors
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.models.fusion_design import FusionDesign
from omnibind_core.models.fusion_export import examples

MODALITIES = ('image', 'thermal', 'event', 'audio')
TEMPERATURES = (0.05, 0.08, 0.11, 0.2)
D = 16


def fusion(*, learnt: bool = True, seed: int = 0, **design: Any) -> AdaptiveFusion:
    """With random weights everywhere, as if it had learnt something, or as it starts."""
    torch.manual_seed(seed)
    made = AdaptiveFusion(
        modalities=MODALITIES,
        dimension=D,
        temperatures=TEMPERATURES,
        design=FusionDesign(**design),
    ).eval()
    if learnt:
        with torch.no_grad():
            for parameter in made.parameters():
                parameter.add_(0.4 * torch.randn_like(parameter))
            made.health.normal_()
            if made.adapter is not None:
                for kind in range(len(MODALITIES)):
                    adapt(made, kind)
            made.evidence_mean.normal_()
            made.evidence_scale.uniform_(0.2, 2.0)
    return made


def adapt(model: AdaptiveFusion, kind: int) -> None:
    assert model.adapter is not None
    rank = model.design.adapter_rank
    down, up, shift = torch.randn(D, rank), torch.randn(rank, D), torch.randn(D)
    model.adapter.set_kind(kind, scale=0.9, down=0.1 * down, up=0.3 * up, shift=0.1 * shift)


def everywhere(model: AdaptiveFusion, b: int, n: int, c: int) -> list[torch.Tensor]:
    """Known modalities, all tokens present, no ages."""
    tokens, modality, mask, age, labels = examples(model, b, n, c)
    return [
        tokens,
        modality.clamp(min=0),
        torch.ones_like(mask),
        torch.zeros_like(age),
        labels,
    ]


@torch.no_grad()
def outputs(model: AdaptiveFusion, given: Sequence[torch.Tensor]) -> dict[str, np.ndarray]:
    names = ('logits', 'weights', 'sensor_logits', 'fused')
    return {name: value.numpy() for name, value in zip(names, model(*given), strict=True)}


def test_it_starts_exactly_at_the_calibrated_product() -> None:
    model = fusion(learnt=False).double()
    tokens, _, mask, age, labels = examples(model, 40, 4, 9)
    modality = torch.arange(4).expand(40, 4)
    found = outputs(model, (tokens.double(), modality, mask, age.double(), labels.double()))
    cosines = tokens.double().numpy() @ labels.double().numpy().T
    temperatures = np.broadcast_to(TEMPERATURES, (40, 4))
    wanted = product_of_posteriors(cosines, temperatures, mask.numpy())
    assert not mask.all()
    np.testing.assert_allclose(posterior(found['logits']), wanted, rtol=0, atol=1e-6)
    own = posterior(cosines, temperatures)[mask.numpy()]
    np.testing.assert_allclose(
        posterior(found['sensor_logits'])[mask.numpy()], own, rtol=0, atol=1e-6
    )


def test_it_starts_there_in_single_precision_too() -> None:
    model = fusion(learnt=False)
    given = examples(model, 40, 4, 9)
    modality = torch.arange(4).expand(40, 4)
    found = outputs(model, (given[0], modality, *given[2:]))
    cosines = given[0].double().numpy() @ given[4].double().numpy().T
    wanted = product_of_posteriors(
        cosines, np.broadcast_to(TEMPERATURES, (40, 4)), given[2].numpy()
    )
    np.testing.assert_allclose(posterior(found['logits']), wanted, rtol=0, atol=2e-5)


@pytest.mark.parametrize('rank', [0, 3])
def test_order_of_tokens_does_not_matter(rank: int) -> None:
    model = fusion(adapter_rank=rank).double()
    tokens, modality, mask, age, labels = examples(model, 5, 7, 6)
    given = (tokens.double(), modality, mask, age.double(), labels.double())
    order = torch.randperm(7, generator=torch.Generator().manual_seed(3))
    before = outputs(model, given)
    after = outputs(model, (*(item[:, order] for item in given[:4]), given[4]))
    for name in ('logits', 'fused'):
        np.testing.assert_allclose(after[name], before[name], rtol=0, atol=1e-6)
    for name in ('weights', 'sensor_logits'):
        np.testing.assert_allclose(after[name], before[name][:, order], rtol=0, atol=1e-6)


@pytest.mark.parametrize('rank', [0, 3])
@pytest.mark.parametrize('filler', [float('nan'), float('inf'), -1e30])
def test_masked_contents_change_no_bit(rank: int, filler: float) -> None:
    model = fusion(adapter_rank=rank)
    given = examples(model, 6, 7, 5)
    mask = given[2]
    assert not mask.all()
    dirty = [item.clone() for item in given]
    dirty[0][~mask] = filler
    dirty[1][~mask] = 123_456
    dirty[3][~mask] = filler
    before, after = outputs(model, given), outputs(model, dirty)
    for name, value in before.items():
        assert np.isfinite(value).all()
        assert after[name].tobytes() == value.tobytes()
    assert (before['weights'][~mask.numpy()] == 0.0).all()


def test_a_shorter_list_equals_a_padded_one() -> None:
    model = fusion().double()
    tokens, modality, _, age, labels = examples(model, 8, 3, 6)
    short = [tokens.double(), modality, torch.ones(8, 3, dtype=torch.bool), age.double()]
    rest = examples(model, 8, 9, 6)
    padded = [
        torch.cat((short[0], rest[0].double()), 1),
        torch.cat((short[1], rest[1]), 1),
        torch.cat((short[2], torch.zeros(8, 9, dtype=torch.bool)), 1),
        torch.cat((short[3], rest[3].double()), 1),
    ]
    first = outputs(model, (*short, labels.double()))
    second = outputs(model, (*padded, labels.double()))
    for name in ('logits', 'fused'):
        np.testing.assert_allclose(second[name], first[name], rtol=0, atol=1e-6)
    np.testing.assert_allclose(second['weights'][:, :3], first['weights'], rtol=0, atol=1e-6)


@pytest.mark.parametrize('seed', range(5))
def test_a_single_sensor_keeps_its_own_best_label(seed: int) -> None:
    model = fusion(seed=seed)
    given = everywhere(model, 400, 1, 20)
    given[3] = torch.rand(400, 1)
    found = outputs(model, given)
    own = found['sensor_logits'][:, 0]
    np.testing.assert_array_equal(found['logits'].argmax(1), own.argmax(1))
    np.testing.assert_allclose(found['weights'], 1.0, atol=1e-6)
    assert np.ptp(found['logits'].max(1) - own.max(1)) > 0.1  # how sure it is, is learnt


def test_copies_of_a_sensor_count_as_the_design_effect_says() -> None:
    model = fusion(learnt=False, kinship=0.5).double()
    first, second, *labels = torch.eye(D, dtype=torch.float64)[[0, 1, 0, 1, 2]]
    labels = torch.stack(labels)
    for count in (1, 2, 10, 1000):
        tokens = torch.stack([first] * count + [second])[None]
        modality = torch.tensor([[0] * count + [1]])
        mask = torch.ones(1, count + 1, dtype=torch.bool)
        age = torch.zeros(1, count + 1, dtype=torch.float64)
        found = outputs(model, (tokens, modality, mask, age, labels))
        say = count / (1.0 + (count - 1) * 0.5)
        wanted = np.array([[say / TEMPERATURES[0], 1.0 / TEMPERATURES[1], 0.0]])
        np.testing.assert_allclose(found['logits'], wanted, rtol=1e-6)
        assert say <= 2.0


@pytest.mark.parametrize('seed', range(3))
def test_more_and_more_copies_change_less_and_less(seed: int) -> None:
    model = fusion(seed=seed)
    tokens, _, _, _, labels = examples(model, 20, 2, 6)
    said = {}
    for count in (1, 4, 200, 400):
        slots = [0] * count + [1]
        given = (
            tokens[:, slots],
            torch.tensor([slots]).expand(20, -1),
            torch.ones(20, count + 1, dtype=torch.bool),
            torch.zeros(20, count + 1),
            labels,
        )
        said[count] = outputs(model, given)['logits']
    scale = np.abs(said[200]).max()
    assert np.abs(said[400] - said[200]).max() < 0.01 * scale
    assert np.abs(said[400] - said[1]).max() > 0.1 * scale


def test_copies_do_not_vouch_for_each_other() -> None:
    model = fusion(learnt=False)
    given = everywhere(model, 3, 2, 6)
    given[1] = torch.tensor([[0, 1]]).expand(3, 2)
    several = [torch.cat((item, item[:, :1], item[:, :1]), 1) for item in given[:4]]
    with torch.no_grad():
        once = model.fuse(*given).evidence
        thrice = model.fuse(*several, given[4]).evidence
    for column in (4, 5, 6, 7, 9, 10, 11):  # agreement and what is like it; modalities; alone
        np.testing.assert_allclose(
            thrice.tokens[:, 0, column], once.tokens[:, 0, column], atol=1e-5
        )


def test_without_tokens_nothing_is_said() -> None:
    model = fusion()
    given = list(examples(model, 3, 4, 6))
    given[2] = torch.zeros(3, 4, dtype=torch.bool)
    given[0][:] = float('nan')
    for name, value in outputs(model, given).items():
        np.testing.assert_array_equal(value, np.zeros_like(value), err_msg=name)


@pytest.mark.parametrize('explaining', [True, False])
@pytest.mark.parametrize('c', [1, 2, 3, 200])
def test_weights_are_shares_for_any_number_of_labels(c: int, explaining: bool) -> None:
    model = fusion(explaining=explaining)
    given = examples(model, 30, 6, c)
    found = outputs(model, given)
    assert all(np.isfinite(value).all() for value in found.values())
    assert (found['weights'] >= 0.0).all()
    np.testing.assert_allclose(found['weights'].sum(1), 1.0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found['fused'], axis=1), 1.0, atol=1e-5)


def test_an_unknown_modality_has_the_prior() -> None:
    model = fusion(learnt=False)
    given = everywhere(model, 2, 1, 6)
    given[1] = torch.tensor([[-1], [99]])
    found = outputs(model, given)
    prior = np.exp(np.log(TEMPERATURES).mean())
    cosines = (given[0] @ given[4].T)[:, 0].numpy()
    np.testing.assert_allclose(found['logits'], cosines / prior, rtol=1e-4)


def test_explaining_away_takes_a_shared_error_off() -> None:
    """Two sensors lean to label 1 by the same error; the stronger one also says 0."""
    model = fusion(learnt=False).double()
    labels = torch.eye(D, dtype=torch.float64)[:3]
    tokens = torch.tensor([[[0.6, 0.7], [0.1, 0.7]]], dtype=torch.float64)
    tokens = torch.nn.functional.pad(tokens, (0, D - 2))
    tokens[..., 5] = (1.0 - (tokens**2).sum(-1)).sqrt()
    given = (
        tokens,
        torch.tensor([[0, 1]]),
        torch.ones(1, 2, dtype=torch.bool),
        torch.zeros(1, 2, dtype=torch.float64),
        labels,
    )
    assert outputs(model, given)['logits'].argmax() == 1
    with torch.no_grad():
        model.token_offset[1, :, 2] = 2.0  # the second one's gate becomes -1 / tau
    found = outputs(model, given)
    assert found['logits'].argmax() == 0
    np.testing.assert_allclose(found['weights'], [[1.0, 0.0]], atol=1e-6)
    alone = outputs(model, (*(item[:, 1:] for item in given[:4]), labels))
    assert alone['logits'].argmax() == 1  # alone, it says what it says


def test_what_stands_for_the_adapters_output() -> None:
    model = fusion(adapter_rank=3)
    assert model.adapter is not None
    tokens, modality, mask, age, labels = examples(model, 5, 4, 6)
    kind = torch.where(modality >= 0, modality, len(MODALITIES))
    with torch.no_grad():
        adapted = model.adapter(tokens, kind)
        adapted[~mask] = float('nan')
        found = model.fuse(tokens, modality, mask, age, labels, adapted)
        wanted = model.fuse(tokens, modality, mask, age, labels)
    torch.testing.assert_close(found.logits, wanted.logits)
    torch.testing.assert_close(found.fused, wanted.fused)


def test_wrong_number_of_temperatures() -> None:
    with pytest.raises(ValueError, match='3 temperatures for 4'):
        AdaptiveFusion(modalities=MODALITIES, dimension=D, temperatures=TEMPERATURES[:3])


def test_company_weakens_those_that_err_together_and_nobody_else() -> None:
    """The gate of each token is multiplied by what each other modality that is there is worth."""
    model = fusion(learnt=False)
    with torch.no_grad():
        model.company[0, 1] = -0.3  # image beside thermal
        model.company[0, 0] = 5.0  # its own kind is no company
        model.company[1, 3] = 0.2  # thermal beside audio
    tokens, *_, labels = examples(model, 1, 4, 9)
    modality = torch.tensor([[0, 0, 1, 3]])
    mask = torch.tensor([[True, True, True, False]])
    age = torch.zeros(1, 4)
    before = fusion(learnt=False)

    def gates(one: AdaptiveFusion) -> np.ndarray:
        with torch.no_grad():
            return one.fuse(tokens, modality, mask, age, labels).gates.numpy()[0]

    def bounded(value: float) -> float:
        return float(np.exp(4.0 * np.tanh(value / 4.0)))

    factors = [bounded(-0.3), bounded(-0.3), 1.0]
    np.testing.assert_allclose(gates(model)[:3], gates(before)[:3] * factors, rtol=1e-5)
    mask[0, 3] = True  # now audio is there as well
    factors = [bounded(-0.3), bounded(-0.3), bounded(0.2), 1.0]
    np.testing.assert_allclose(gates(model), gates(before) * factors, rtol=1e-5)
