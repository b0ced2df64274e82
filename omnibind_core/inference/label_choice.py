"""Which labels a recognizer uses: the bundle's own, or any words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle_models import open_text
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.inference.text_labels import class_name
from omnibind_core.inference.text_labels import label_vectors
from omnibind_core.modalities.text import normalise


@dataclass(frozen=True)
class Labels:
    """Labels in use.

    :param calibrated: whether scores over them were calibrated on held-out data.
    """

    bank: LabelBank
    calibrated: bool


class LabelChoice:
    """The labels in use. They are replaced as a whole, so that nobody sees half of a change.

    :param bundle: whose labels are used at first.
    :raises BundleError: when its labels cannot be read.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._own = Labels(bundle.labels(), calibrated=True)
        self._text: TextEncoder | None = None
        self._lock = Lock()
        #: The labels in use; take it once for one recognition.
        self.current = self._own

    def set(self, labels: Sequence[str] | None, prompt: str = '') -> LabelBank:
        """Use other labels; see :meth:`~omnibind_core.inference.recognizer.Recognizer.set_labels`.

        The text encoder is loaded when it is first needed. One thread at a time gets in.
        """
        with self._lock:
            self.current = self._own if labels is None else self._chosen(labels, prompt)
            return self.current.bank

    def _chosen(self, labels: Sequence[str], prompt: str) -> Labels:
        if isinstance(labels, str) or not labels:
            raise InputError('labels', repr(labels), 'a list of at least one text')
        ids = tuple(normalise(label, field='label') for label in labels)
        names = tuple(class_name(label) for label in ids)
        for name, count in Counter(names).items():
            if count > 1:
                raise InputError('labels', f'{name!r} {count} times', 'each only once')
        own = self._own.bank
        # Those of the bundle may be embedded by more than their prompts: by what is meant by them.
        known = {} if prompt else {own.names[row]: row for row in range(len(own))}
        rows = [known.get(name, -1) for name in names]
        vectors = own.embeddings[rows]
        new = [place for place, row in enumerate(rows) if row < 0]
        if new:
            vectors[new] = self._encode([ids[place] for place in new], prompt)
        bank = LabelBank(
            class_ids=ids,
            names=names,
            embeddings=vectors,
            space=self._bundle.manifest.space,
        )
        return Labels(bank, calibrated=False)

    def _encode(self, labels: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if self._text is None:
            self._text = open_text(self._bundle)
        entry = self._bundle.manifest.text
        templates = (prompt,) if prompt or entry is None else entry.templates
        return label_vectors(self._text, labels, templates=templates)
