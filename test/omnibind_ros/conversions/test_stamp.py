from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from message_doubles import Stamp
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.stamp import ns_to_stamp
from omnibind_ros.conversions.stamp import stamp_to_ns


@pytest.mark.parametrize(
    ('seconds', 'nanoseconds', 'expected'),
    [(0, 0, 0), (1, 2, 1_000_000_002), (-1, 999_999_999, -1), (1_700_000_000, 5, 17 * 10**17 + 5)],
)
def test_known_times(seconds: int, nanoseconds: int, expected: object) -> None:
    assert stamp_to_ns(Stamp(seconds, nanoseconds)) == expected
    assert ns_to_stamp(expected) == (seconds, nanoseconds)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 10**9 - 1))
def test_there_and_back(seconds: int, nanoseconds: int) -> None:
    assert ns_to_stamp(stamp_to_ns(Stamp(seconds, nanoseconds))) == (seconds, nanoseconds)


@pytest.mark.malformed
@given(st.integers(10**9, 2**32 - 1))
def test_a_second_of_nanoseconds_is_refused(nanoseconds: int) -> None:
    with pytest.raises(InputError, match=r'stamp\.nanosec'):
        stamp_to_ns(Stamp(nanoseconds % 7, nanoseconds))


@pytest.mark.parametrize('time', [2**31 * 10**9, -(2**31) * 10**9 - 1])
def test_times_beyond_the_field_are_refused(time: int) -> None:
    with pytest.raises(InputError, match='time_ns'):
        ns_to_stamp(time)
