"""A tiny CLIP checkpoint with random weights, saved by the library `transformers` itself."""

from __future__ import annotations

from pathlib import Path
import string
from typing import Any

SIDE = 32
DIMENSION = 24
MOST_TOKENS = 16


def save(folder: Path, *, seed: int = 0) -> Any:
    """Save model, tokenizer and image processor; returns the model."""
    import torch
    import transformers

    torch.manual_seed(seed)
    common = {'hidden_size': 32, 'intermediate_size': 48, 'num_attention_heads': 2}
    size = len(_vocabulary())
    configuration = transformers.CLIPConfig(
        text_config={
            **common,
            'num_hidden_layers': 2,
            'vocab_size': size,
            'max_position_embeddings': MOST_TOKENS,
            'bos_token_id': size - 2,
            'eos_token_id': size - 1,
            'pad_token_id': size - 1,
        },
        vision_config={**common, 'num_hidden_layers': 2, 'image_size': SIDE, 'patch_size': 8},
        projection_dim=DIMENSION,
    )
    model = transformers.CLIPModel(configuration).eval()
    # the usual initialisation is so small that everything looks alike
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    tokenizer = transformers.CLIPTokenizer(
        vocab=_vocabulary(), merges=[('a', 't'), ('p', 'h')], model_max_length=MOST_TOKENS
    )
    images = transformers.models.clip.image_processing_pil_clip.CLIPImageProcessorPil(
        size={'shortest_edge': SIDE}, crop_size={'height': SIDE, 'width': SIDE}
    )
    model.save_pretrained(folder)
    transformers.CLIPProcessor(images, tokenizer).save_pretrained(folder)
    return model


def _vocabulary() -> dict[str, int]:
    letters = string.ascii_lowercase
    words = [*letters, *(f'{letter}</w>' for letter in letters), 'at', 'at</w>', 'ph']
    words += ['<|startoftext|>', '<|endoftext|>']
    return {word: number for number, word in enumerate(words)}
