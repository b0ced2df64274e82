"""Microphones: every message enters a ring; readings are the newest second of it."""

from __future__ import annotations

from typing import Any

from omnibind_core.errors import InputError
from omnibind_core.streaming.audio_ring import AudioOutcome
from omnibind_core.streaming.audio_ring import AudioRing
from omnibind_ros.conversions.audio import audio_format
from omnibind_ros.conversions.audio import AudioFormat
from omnibind_ros.conversions.audio import decode_audio
from omnibind_ros.sources.source import Assembled

_SECOND = 1_000_000_000
_REFUSED = (AudioOutcome.DUPLICATE, AudioOutcome.LATE, AudioOutcome.EMPTY)


class AudioSource:
    """Samples in, spans out. ``AudioInfo`` says what the samples are.

    :param span_s: length of a reading, seconds.
    """

    decodes_on_entry = True

    def __init__(self, span_s: float) -> None:
        self._span = round(span_s * _SECOND)
        self._format: AudioFormat | None = None
        self._unusable: InputError | None = None
        self._ring: AudioRing | None = None
        self._filled = 0

    def inform(self, info: Any) -> None:
        """An ``AudioInfo`` came; another format than before starts the ring over.

        :raises InputError: for a format that cannot be used; messages are refused for it then.
        """
        try:
            found = audio_format(info)
            if self._ring is None or found != self._format:
                self._ring = AudioRing(
                    sample_rate=found.sample_rate,
                    channels=found.channels,
                    capacity_ns=self._span + _SECOND,
                )
        except InputError as error:
            self._format, self._unusable, self._ring = None, error, None
            raise
        self._format, self._unusable = found, None

    def enter(self, message: Any, stamp: int, *, arrival: bool) -> int | None:
        """See :meth:`Source.enter`; the driver's stamp is that of the first sample."""
        if self._format is None or self._ring is None:
            if self._unusable is not None:
                # A new one: an error that is raised again and again collects tracebacks.
                known = self._unusable
                raise InputError(known.field, known.given, known.allowed)
            allowed = 'an AudioInfo on the info topic first (latched; see info_topic)'
            raise InputError('audio_info', 'none', allowed)
        samples = decode_audio(message, self._format)
        if arrival:  # the last sample came then
            stamp -= len(samples) * _SECOND // self._format.sample_rate
        outcome = self._ring.push(stamp, samples)
        if outcome in _REFUSED:
            field = 'audio.data' if outcome is AudioOutcome.EMPTY else 'header.stamp'
            raise InputError(field, f'a message that is {outcome.value}', 'samples that follow')
        return self._ring.end_ns

    def assemble(self) -> Assembled | None:
        """See :meth:`Source.assemble`."""
        span = None if self._ring is None else self._ring.span(None, self._span)
        if span is None:
            return None
        self._filled = span.filled
        return Assembled(span.clip, span.end_ns, self._span)

    def convert(self, content: Any) -> Any | None:
        """The samples are there already."""
        return content

    def apply(self, settings: Any) -> None:
        """Nothing here depends on settings."""

    def interrupted(self) -> None:
        """The ring begins afresh; what the samples are is still known."""
        if self._ring is not None and self._format is not None:
            self._ring = AudioRing(
                sample_rate=self._format.sample_rate,
                channels=self._format.channels,
                capacity_ns=self._span + _SECOND,
            )

    def values(self) -> dict[str, str]:
        """The format, and what became of the messages in this ring."""
        if self._format is None or self._ring is None:
            return {'audio format': str(self._unusable or 'not known yet')}
        one = self._format
        order = '' if one.bits == '8' else ('BE' if one.big_endian else 'LE')
        shown = f'{one.kind}{one.bits}{order}, {one.sample_rate} Hz, {one.channels} channels'
        outcomes = self._ring.outcomes
        return {
            'audio format': shown,
            'ring filled gaps': str(outcomes[AudioOutcome.FILLED]),
            'ring restarts': str(outcomes[AudioOutcome.RESTARTED]),
            'silence filled in last span': f'{self._filled} samples',
        }
