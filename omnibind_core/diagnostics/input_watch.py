"""Why nothing arrives on a topic: nobody publishes, another type, other quality of service, or
messages that get lost. Time is an argument: nanoseconds of a steady clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from omnibind_core.diagnostics.status import Finding
from omnibind_core.diagnostics.status import Level

_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Offer:
    """One publisher on the topic, as the graph shows it.

    :param node: full name of its node.
    :param type_name: what it publishes.
    :param reliability: ``reliable`` or ``best_effort``, as far as it is known.
    :param mismatch: why its quality of service does not fit; empty when it fits.
    :param advice: what to do about another type; may be empty.
    """

    node: str
    type_name: str
    reliability: str
    mismatch: str = ''
    advice: str = ''


class Hint(NamedTuple):
    """What is wrong with the input, and which kind of trouble that is."""

    kind: str
    finding: Finding


class InputWatch:
    """Judges an input topic from its publishers and the time of the last message.

    :param topic: its full name.
    :param type_name: what is wanted there.
    :param reliability: of the subscription.
    :param started: when it was subscribed to.
    """

    def __init__(self, topic: str, type_name: str, reliability: str, started: int) -> None:
        self._topic = topic
        self._type = type_name
        self._reliability = reliability
        self._started = started
        self._fitting_since: int | None = None
        self._said = ''

    def look(
        self, offers: Sequence[Offer], last: int | None, now: int, *, silent_after: int
    ) -> Hint | None:
        """What is wrong now; ``None``: nothing, or not long enough.

        :param last: when the last message arrived, ``None``: never.
        :param silent_after: how long silence is nothing to speak of, nanoseconds; 0: for ever.
        """
        others = [offer for offer in offers if offer.type_name != self._type]
        typed = [offer for offer in offers if offer.type_name == self._type]
        fitting = [offer for offer in typed if not offer.mismatch]
        if not fitting:
            self._fitting_since = None
        elif self._fitting_since is None:
            self._fitting_since = now
        if others:
            return self._hint('type', self._other_type(others[0]))
        if typed and not fitting:
            return self._hint('qos', self._other_quality(typed[0]))
        heard = max(self._started if last is None else last, self._fitting_since or 0)
        if silent_after <= 0 or now - heard <= silent_after:
            return None
        seconds = (now - heard) / _SECOND
        if not fitting:
            return self._hint('nobody', f'nobody publishes on {self._topic}')
        return self._hint('silent', self._silent(fitting[0], seconds))

    def news(self, hint: Hint | None) -> str | None:
        """The sentence to log, once for each kind of trouble until all was well again.

        That nobody publishes is a state of many robots, and not worth a line in the log.
        """
        if hint is None:
            self._said = ''
            return None
        if hint.kind in (self._said, 'nobody'):
            return None
        self._said = hint.kind
        return hint.finding.message

    def _hint(self, kind: str, message: str) -> Hint:
        return Hint(kind, Finding(Level.WARN, message))

    def _other_type(self, offer: Offer) -> str:
        advice = f': {offer.advice}' if offer.advice else ''
        return (
            f'{offer.node} publishes {offer.type_name} on {self._topic}, '
            f'but {self._type} is expected{advice}'
        )

    def _other_quality(self, offer: Offer) -> str:
        return (
            f'{offer.node} publishes on {self._topic} with a quality of service (QoS) that does '
            f'not fit: reliability {offer.reliability} there, {self._reliability} here '
            f'({offer.mismatch}): set reliability: best_effort, which hears both'
        )

    def _silent(self, offer: Offer, seconds: float) -> str:
        return (
            f'nothing has arrived on {self._topic} for {seconds:.0f} s although {offer.node} '
            f'publishes there. If it does send: its QoS fits (reliability {offer.reliability} '
            f"there, {self._reliability} here), but messages larger than Fast DDS's shared-memory "
            'segment (0.5 MB) get lost where best effort is asked for: use a profile of '
            'config/dds on both sides '
            '(FASTRTPS_DEFAULT_PROFILES_FILE, FASTDDS_DEFAULT_PROFILES_FILE), or '
            'reliability: reliable'
        )
