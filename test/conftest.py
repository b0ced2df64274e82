"""Shared test set-up: hypothesis profiles."""

from hypothesis import HealthCheck
from hypothesis import settings

_RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    'fast', max_examples=100, deadline=None, derandomize=True, suppress_health_check=_RELAXED
)
settings.register_profile(
    'thorough', max_examples=10_000, deadline=None, suppress_health_check=_RELAXED
)
settings.load_profile('fast')
