"""Audio: the sound of knocking on a thing, in a room, through a robot's microphone.

The thing's bending modes (:mod:`~omnibind_core.simulation.modal_model`, computed once a thing) are
struck at a reachable point by a body of random mass, speed and hardness
(:mod:`~omnibind_core.simulation.impact`), radiate, and are heard in a room of random size and
reverberation (:mod:`~omnibind_core.simulation.room`). Levels are absolute: Pa at the microphone, by
its sensitivity in dBFS. A stand-in from literature constants, not calibrated acoustics.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.simulation.contact import touch_point
from omnibind_core.simulation.impact import Impact
from omnibind_core.simulation.modal_model import modal_model
from omnibind_core.simulation.modal_model import ModalModel
from omnibind_core.simulation.room import Room
from omnibind_core.simulation.thing import Reading

if TYPE_CHECKING:
    from omnibind_core.simulation.thing import Thing
    from omnibind_core.simulation.thing import View

_REFERENCE_DB = 93.979  # dB SPL of 1 Pa
_BLOCK = 128  # samples; decaying sines are made as blocks times offsets
_FULL_SCALE = 32768.0


@dataclass(frozen=True)
class AudioSimulation:
    """The microphone, the room, and how hard is knocked."""

    sample_rate: int = option(
        16_000, 'Samples a second.', unit='Hz', minimum=16_000, maximum=48_000
    )
    span: float = option(1.0, 'Length of a recording.', unit='s', minimum=0.2, maximum=10.0)
    latest_onset: float = option(
        0.4, 'Latest time of the knock as a share of the span.', minimum=0.0, maximum=0.9
    )
    least_mass: float = option(0.005, 'Lightest striker.', unit='kg', minimum=0.001, maximum=2.0)
    most_mass: float = option(
        0.06,
        'Heaviest striker; masses are drawn evenly on a log scale.',
        unit='kg',
        minimum=0.001,
        maximum=2.0,
    )
    least_speed: float = option(0.2, 'Slowest blow.', unit='m/s', minimum=0.01, maximum=10.0)
    most_speed: float = option(1.0, 'Fastest blow.', unit='m/s', minimum=0.01, maximum=10.0)
    least_distance: float = option(
        0.3, 'Nearest the microphone is to the thing.', unit='m', minimum=0.1, maximum=0.8
    )
    most_distance: float = option(
        0.8, 'Farthest; a robot that knocks is within reach.', unit='m', minimum=0.1, maximum=0.8
    )
    least_reverberation: float = option(
        0.2, 'Driest room: time to fall by 60 dB.', unit='s', minimum=0.1, maximum=5.0
    )
    most_reverberation: float = option(
        0.8,
        'Most reverberant room; furnished rooms have 0.3 to 0.6 s.',
        unit='s',
        minimum=0.1,
        maximum=5.0,
    )
    sensitivity: float = option(
        -26.0,
        'Level of 1 Pa (94 dB SPL), as data sheets of digital MEMS microphones state it.',
        unit='dBFS',
        minimum=-60.0,
        maximum=0.0,
    )
    sensitivity_spread: float = option(
        3.0,
        'Largest deviation from it; data sheets allow 1 to 3.',
        unit='dB',
        minimum=0.0,
        maximum=20.0,
    )
    own_noise: float = option(
        29.0,
        "The microphone's own noise (65 dB signal to noise at 94 dB SPL), white.",
        unit='dB SPL',
        minimum=0.0,
        maximum=80.0,
    )
    least_background: float = option(
        24.0, 'Quietest room tone: a quiet bedroom.', unit='dB SPL', minimum=0.0, maximum=80.0
    )
    most_background: float = option(
        46.0,
        "Loudest: a computer's fan nearby. Falls by 4.5 dB an octave.",
        unit='dB SPL',
        minimum=0.0,
        maximum=80.0,
    )

    def __post_init__(self) -> None:
        """Check what concerns two fields each.

        :raises ConfigError: where a least is above its most, with all problems found.
        """
        problems = []
        for name in ('mass', 'speed', 'distance', 'reverberation', 'background'):
            least, most = getattr(self, f'least_{name}'), getattr(self, f'most_{name}')
            if least > most:
                problems.append(Problem(f'most_{name}', f'{most:g}', f'at least {least:g}'))
        if problems:
            raise ConfigError(type(self).__name__, problems)

    @property
    def samples(self) -> int:
        """Samples of a recording."""
        return round(self.span * self.sample_rate)


def simulate(
    thing: Thing, view: View, options: AudioSimulation, random: np.random.Generator
) -> Reading:
    """One knock on a thing.

    :param view: not used: rooms and places are drawn.
    :returns: raw is an :class:`~omnibind_core.modalities.audio_clip.AudioClip`; metadata: level of
        the dry sound in its loudest 25 ms at the microphone (dB SPL), tip, contact time (s),
        reverberation (s), background (dB SPL).
    :raises UnavailableError: ``embreex`` is not installed.
    """
    del view
    model = _model(thing)
    point = touch_point(thing.caster, random)
    material = thing.materials[int(thing.mesh.material[point.triangle])]
    impact = Impact.drawn(
        material,
        model.mass,
        mass=(options.least_mass, options.most_mass),
        speed=(options.least_speed, options.most_speed),
        random=random,
    )
    distance = float(random.uniform(options.least_distance, options.most_distance))
    reverberation = (options.least_reverberation, options.most_reverberation)
    room = Room.drawn(distance, reverberation, random)
    onset = round(random.uniform(0.0, options.latest_onset) * options.samples)
    length = options.samples - onset
    # Which side of the thing faces the microphone: modes reach it with either sign.
    facing = model.at(model.nodes[int(random.integers(len(model.nodes)))])
    sign = np.where(facing < 0.0, -1.0, 1.0)
    amplitude = sign * model.at(point.position) * impact.spectrum(model.frequency) * model.radiation
    dry = ringing(model, amplitude, options.sample_rate, length) / room.distance
    response = room.response(options.sample_rate, length, random)
    size = 1 << (2 * length - 1).bit_length()
    heard = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(response, size), size)[:length]
    pressure = np.zeros(options.samples)
    pressure[onset:] = heard
    clip, background = _recorded(pressure, options, random)
    facts: dict[str, float | int | str] = {
        'level': _loudest(dry, options.sample_rate),
        'onset': onset / options.sample_rate,
        'tip': impact.tip,
        'contact_time': impact.duration,
        'reverberation': room.reverberation,
        'background': background,
        'material': material.name,
    }
    return Reading(clip, facts)


def nothing(options: AudioSimulation, random: np.random.Generator) -> Reading:
    """Silence: the room's and the microphone's noise."""
    clip, background = _recorded(np.zeros(options.samples), options, random)
    return Reading(clip, {'background': background})


def ringing(
    model: ModalModel, amplitude: NDArray[np.float64], sample_rate: int, length: int
) -> NDArray[np.float64]:
    """Sum of the modes' decaying cosines ``[length]``, from the blow on.

    :param amplitude: of each mode, ``[m]``.
    :param sample_rate: Hz.
    :param length: samples.
    """
    audible = np.abs(amplitude) > 1e-5 * np.abs(amplitude).max(initial=0.0)
    decay, omega = model.decay[audible], model.frequency[audible]
    damped = np.sqrt(np.maximum(omega**2 - decay**2, 0.0))
    # exp(s t) with t = (block + offset): one matrix product instead of length x modes sines.
    step = (-decay + 1j * damped) / sample_rate
    starts = np.arange(-(-length // _BLOCK)) * _BLOCK
    blocks = np.exp(starts[:, None] * step) * amplitude[audible]
    offsets = np.exp(step[:, None] * np.arange(_BLOCK))
    return np.asarray((blocks @ offsets).real.ravel()[:length], np.float64)


@lru_cache(maxsize=4)
def _model(thing: Thing) -> ModalModel:
    """Kept for the few things that are being looked at; it depends on the thing alone."""
    return modal_model(thing.mesh, thing.materials)


def _recorded(
    pressure: NDArray[np.float64], options: AudioSimulation, random: np.random.Generator
) -> tuple[AudioClip, float]:
    """What the microphone makes of sound pressure (Pa), and the background's level in dB SPL."""
    background = float(random.uniform(options.least_background, options.most_background))
    spread = options.sensitivity_spread
    gain = 10.0 ** ((options.sensitivity + random.uniform(-spread, spread)) / 20.0)
    sound = pressure + _room_tone(len(pressure), options.sample_rate, random) * _pascal(background)
    sound += random.standard_normal(len(pressure)) * _pascal(options.own_noise)
    # 1 Pa root mean square has a mean square of `gain` squared; 16 bits, clipped at full scale.
    whole = np.clip(np.rint(sound * gain * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1.0)
    return AudioClip((whole / _FULL_SCALE).astype(np.float32), options.sample_rate), background


def _room_tone(length: int, sample_rate: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Noise of root mean square 1 whose spectrum falls by 4.5 dB an octave, from 40 Hz on."""
    frequency = np.maximum(np.fft.rfftfreq(length, 1.0 / sample_rate), 40.0)
    spectrum = np.fft.rfft(random.standard_normal(length)) * frequency**-0.75
    spectrum[0] = 0.0
    noise = np.fft.irfft(spectrum, length)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), np.float64)


def _pascal(level: float) -> float:
    return float(10.0 ** ((level - _REFERENCE_DB) / 20.0))


def _loudest(sound: NDArray[np.float64], sample_rate: int) -> float:
    frame = sample_rate // 40
    whole = np.pad(sound, (0, -len(sound) % frame)).reshape(-1, frame)
    loudest = float(np.mean(whole**2, axis=1).max())
    return float(10.0 * np.log10(max(loudest, 1e-20)) + _REFERENCE_DB)
