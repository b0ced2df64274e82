"""A tiny text encoder as ONNX, made on the spot, and a tokenizer for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WORDS = ('[PAD]', '[UNK]', 'a', 'photo', 'of', 'cup', 'sofa', 'large', 'thing', 'text')
WIDTH = 6


def table(seed: int = 0) -> NDArray[np.float32]:
    """A vector for each word, float32 ``[words, 6]``."""
    random = np.random.default_rng(seed)
    return random.normal(0.0, 1.0, (len(WORDS), WIDTH)).astype(np.float32)


def tokenizer() -> bytes:
    """Words between blanks, lower case, as ``tokenizer.json``."""
    from tokenizers import models
    from tokenizers import normalizers
    from tokenizers import pre_tokenizers
    from tokenizers import Tokenizer

    made = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token='[UNK]')
    )
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    # a checkpoint's own padding and truncation must not be used
    made.enable_padding(length=5)
    made.enable_truncation(2)
    content: str = made.to_str()
    return content.encode()


def model(words: NDArray[np.float32] | None = None, *, extra_input: str = '') -> bytes:
    """Each token's vector plus the number of tokens in its text: hidden states ``[b, t, 6]``.

    The padding's states are not finite, so that whoever pools over it notices.
    """
    import onnx
    from onnx import helper
    from onnx import numpy_helper
    from onnx import TensorProto

    weights = table() if words is None else words
    weights = weights.copy()
    weights[0] = np.nan
    nodes = [
        helper.make_node('Gather', ['words', 'input_ids'], ['looked_up']),
        helper.make_node('Cast', ['attention_mask'], ['there'], to=TensorProto.FLOAT),
        helper.make_node('ReduceSum', ['there', 'axis'], ['count'], keepdims=1),
        helper.make_node('Unsqueeze', ['count', 'axis'], ['count_3']),
        helper.make_node('Add', ['looked_up', 'count_3'], ['last_hidden_state']),
    ]
    names = ['input_ids', 'attention_mask', *([extra_input] if extra_input else [])]
    if extra_input:
        nodes.append(helper.make_node('Identity', [extra_input], ['unused']))
    graph = helper.make_graph(
        nodes,
        'text',
        [helper.make_tensor_value_info(name, TensorProto.INT64, ['b', 't']) for name in names],
        [helper.make_tensor_value_info('last_hidden_state', TensorProto.FLOAT, ['b', 't', WIDTH])],
        [
            numpy_helper.from_array(weights, 'words'),
            numpy_helper.from_array(np.array([-1], np.int64), 'axis'),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString()
    return content


def by_hand(text: str, words: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
    """What the encoder must give for a text: the mean over its words, unit."""
    weights = (table() if words is None else words).astype(np.float64)
    numbers = [WORDS.index(word) if word in WORDS else 1 for word in text.lower().split()]
    mean = np.mean([weights[number] + len(numbers) for number in numbers], axis=0)
    return np.asarray(mean / np.linalg.norm(mean))
