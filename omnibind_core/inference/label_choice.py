"""Which labels a recognizer uses: the bundle's own, or any words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

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
            self.current = self._own if labels is None else self._embed(labels, prompt)
            return self.current.bank

    def _embed(self, labels: Sequence[str], prompt: str) -> Labels:
        if isinstance(labels, str) or not labels:
            raise InputError('labels', repr(labels), 'a list of at least one text')
        ids = tuple(normalise(label, field='label') for label in labels)
        if self._text is None:
            self._text = open_text(self._bundle)
        entry = self._bundle.manifest.text
        templates = (prompt,) if prompt or entry is None else entry.templates
        bank = LabelBank(
            class_ids=ids,
            names=tuple(class_name(label) for label in ids),
            embeddings=label_vectors(self._text, ids, templates=templates),
            space=self._bundle.manifest.space,
        )
        return Labels(bank, calibrated=False)
