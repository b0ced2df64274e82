"""How long encoding takes in the model of latency, as it is said on a command line."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

LONGEST = 60.0  # s


def read_delays(
    given: Sequence[str], problems: list[Problem]
) -> tuple[float | None, dict[str, float]]:
    """``[SENSOR=]SECONDS``, several times.

    :param problems: gets what is wrong.
    :return: of all sensors (``None``: not said), and by sensor where it is another.
    """
    delay, delays = None, {}
    for text in given:
        name, _, number = text.rpartition('=')
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0.0 <= value <= LONGEST:
            problems.append(Problem('--encode-delay', text, f'[SENSOR=]SECONDS, 0 to {LONGEST:g}'))
        elif name:
            delays[name] = value
        else:
            delay = value
    return delay, delays


def check_sensors(delays: Mapping[str, float], names: Sequence[str], command: str) -> None:
    """Check that there is every sensor whose delay was said.

    :param names: of the sensors that there are.
    :param command: as typed, for the error.
    :raises ConfigError: there is not.
    """
    problems = [
        Problem('--encode-delay', f'no sensor {name}', f'one of {", ".join(names)}')
        for name in delays
        if name not in names
    ]
    if problems:
        raise ConfigError(command, problems)
