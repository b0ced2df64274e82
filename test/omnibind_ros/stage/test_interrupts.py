"""Signals: raised at once, or at the end of what must not be interrupted."""

from __future__ import annotations

import signal

import pytest

from omnibind_ros.stage.interrupts import Interrupts


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts(number: int) -> None:
    """And afterwards means what it meant before."""
    before = signal.getsignal(number)
    interrupts = Interrupts()
    name = signal.Signals(number).name
    with pytest.raises(KeyboardInterrupt, match=name), interrupts.handled():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_what_is_shielded_is_done_first() -> None:
    """Also when shields are nested; then it is raised once."""
    interrupts = Interrupts()
    done = []
    with interrupts.handled():
        with pytest.raises(KeyboardInterrupt), interrupts.shielded():
            with interrupts.shielded():
                signal.raise_signal(signal.SIGTERM)
                done.append('inner')
            done.append('outer')
        with interrupts.shielded():
            done.append('again')
    assert done == ['inner', 'outer', 'again']
