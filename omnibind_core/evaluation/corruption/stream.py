"""Corruptions of a stream: the data is good, its time is not."""

from omnibind_core.evaluation.corruption.base import StreamCorruption

STREAM_CORRUPTIONS = (
    StreamCorruption(
        'frozen',
        'The sensor repeats its last reading with new stamps: a hung driver.',
        's',
        (0.5, 1.0, 2.0, 4.0, 8.0),
    ),
    StreamCorruption(
        'stale_stamp',
        'The stamps are older than the data, as with a clock that was never synchronised.',
        's',
        (0.05, 0.1, 0.2, 0.5, 0.9),
    ),
    StreamCorruption(
        'drop_out',
        'Nothing comes for a while.',
        's',
        (0.5, 1.0, 2.0, 5.0, 10.0),
    ),
    StreamCorruption(
        'jitter',
        'Stamps and arrivals scatter: a busy bus (standard deviation).',
        's',
        (0.005, 0.01, 0.02, 0.05, 0.1),
    ),
)
