"""A DDS domain of this process's own, where no fixture can be used (launch_testing)."""

from __future__ import annotations

from contextlib import ExitStack
import os

_held = ExitStack()  # until the process ends: the domain is given back then


def isolate() -> None:
    """Take a domain id that no other run on this machine holds, and stay on this machine."""
    import domain_coordinator

    number = _held.enter_context(domain_coordinator.domain_id())
    os.environ['ROS_DOMAIN_ID'] = str(number)
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
