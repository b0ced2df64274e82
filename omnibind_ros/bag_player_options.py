"""What may be said to the bag player on its command line."""

from __future__ import annotations

import argparse
from typing import get_args

from omnibind_core.streaming.bag_schedule import AtLoop


def parser() -> argparse.ArgumentParser:
    """Its arguments; what stands behind ``--ros-args`` is ROS's own."""
    result = argparse.ArgumentParser(
        prog='bag_player',
        description='Play a bag into the graph, with the simulated clock.',
        epilog="example: bag_player samples/bag_lite --rate 2 --loop --mute '/lidar/*'",
    )
    add = result.add_argument
    add('bag', help="the bag's folder, or one file of it")
    add('--rate', type=_positive, default=1.0, help='bag seconds in one second (default 1)')
    add('--loop', action='store_true', help='begin again at the end')
    add(
        '--at-loop',
        choices=get_args(AtLoop),
        default='jump',
        help='what the clock does then: jump back (default), or continue with shifted stamps',
    )
    add('--start', type=_seconds, default=0.0, metavar='S', help='begin S seconds into the bag')
    add('--duration', type=_seconds, default=0.0, metavar='S', help='play S seconds; 0: all')
    add('--topics', nargs='+', default=[], metavar='T', help='play these only; * and ? allowed')
    add('--mute', nargs='+', default=[], metavar='T', help='do not play these; * and ? allowed')
    add('--no-clock', action='store_true', help='publish no /clock')
    add(
        '--clock-rate',
        type=_positive,
        # Every node hears every tick: seven of them in Python take a third of a core at 100 Hz.
        default=40.0,
        metavar='HZ',
        help='how often /clock is published (default 40)',
    )
    add('--paused', action='store_true', help='wait for the service ~/pause (false) to start')
    add(
        '--wait',
        type=_seconds,
        default=0.0,
        metavar='S',
        help='wait up to S seconds until every topic that is not latched has a listener',
    )
    add('--wait-for', nargs='+', default=[], metavar='T', help='wait for listeners of these only')
    add(
        '--linger',
        type=_seconds,
        default=0.0,
        metavar='S',
        help='let the clock run on for S seconds after the end',
    )
    return result


def _positive(text: str) -> float:
    value = float(text)
    if not 1e-3 <= value <= 1e4:
        raise argparse.ArgumentTypeError(f'{text}: allowed: 0.001 to 10000')
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1e9:
        raise argparse.ArgumentTypeError(f'{text}: allowed: 0 and more seconds')
    return value
