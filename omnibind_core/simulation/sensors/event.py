"""Event: an event camera that a robot moves while it looks at a thing in a room.

The camera is carried around the thing, panned, rolled and brought nearer, all slowly and evenly;
what it sees is drawn a number of times (:mod:`~omnibind_core.simulation.scene`), the faster the
motion the more often, and each pixel reports changes of the logarithm of its light
(:mod:`~omnibind_core.simulation.event_pixels`: ESIM, Rebecq et al. 2018). Floor and wall move past
too. Thresholds differ between polarities and from pixel to pixel; events of noise and of hot pixels
are added at random (v2e, Hu et al. 2021). *Nothing* is a camera at rest before something at rest:
noise alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.simulation.colour_temperature import LUMINANCE
from omnibind_core.simulation.event_pixels import EventPixels
from omnibind_core.simulation.event_pixels import packed
from omnibind_core.simulation.framing import framed
from omnibind_core.simulation.framing import Framing
from omnibind_core.simulation.gaussian_blur import gaussian_blur
from omnibind_core.simulation.scene import Scene
from omnibind_core.simulation.thing import Reading

if TYPE_CHECKING:
    from omnibind_core.simulation.thing import Thing
    from omnibind_core.simulation.thing import View


@dataclass(frozen=True)
class EventSimulation:
    """The camera, its noise, and how it is moved."""

    width: int = option(128, 'Sensor width.', unit='px', minimum=16, maximum=1280)
    height: int = option(128, 'Sensor height.', unit='px', minimum=16, maximum=1280)
    span_ms: float = option(50.0, 'Length of a slice.', unit='ms', minimum=1.0, maximum=1000.0)
    least_frames: int = option(6, 'Pictures drawn for the slowest motion.', minimum=2, maximum=1000)
    most_frames: int = option(
        14, 'And for the fastest; in between one for each pixel of motion.', minimum=2, maximum=1000
    )
    least_speed: float = option(
        0.3,
        'Slowest panning. 1 moves everything past the middle square in a second.',
        unit='pictures/s',
        minimum=0.0,
        maximum=100.0,
    )
    most_speed: float = option(
        2.0, 'Fastest; drawn evenly on a log scale.', unit='pictures/s', minimum=0.0, maximum=100.0
    )
    orbit: float = option(
        45.0,
        'Fastest motion around the thing.',
        unit='degrees/s',
        minimum=0.0,
        maximum=720.0,
    )
    roll: float = option(
        30.0, 'Fastest roll about the optical axis.', unit='degrees/s', minimum=0.0, maximum=720.0
    )
    approach: float = option(
        0.5, 'Fastest change of distance, as a share of it.', unit='1/s', minimum=0.0, maximum=5.0
    )
    least_fov: float = option(
        30.0, 'Narrowest angle of view.', unit='degrees', minimum=5.0, maximum=120.0
    )
    most_fov: float = option(65.0, 'Widest.', unit='degrees', minimum=5.0, maximum=120.0)
    least_margin: float = option(
        1.05, 'Tightest framing: 1 fills the middle square.', minimum=1.0, maximum=10.0
    )
    most_margin: float = option(1.6, 'Loosest framing.', minimum=1.0, maximum=10.0)
    least_threshold: float = option(
        0.18,
        'Smallest change of the natural logarithm of the light that makes an event.',
        minimum=0.01,
        maximum=2.0,
    )
    most_threshold: float = option(
        0.35,
        'Largest; common settings of real sensors are 0.15 to 0.4 (v2e: 0.2).',
        minimum=0.01,
        maximum=2.0,
    )
    mismatch: float = option(
        0.03,
        'Standard deviation of the threshold from pixel to pixel (v2e: 0.03).',
        minimum=0.0,
        maximum=0.5,
    )
    asymmetry: float = option(
        0.1,
        'Standard deviation of the logarithm of the ratio of the thresholds for brighter and '
        'darker.',
        minimum=0.0,
        maximum=1.0,
    )
    refractory_us: float = option(
        200.0,
        'How long a pixel is blind after an event, at common bias settings.',
        unit='us',
        minimum=0.0,
        maximum=1e5,
    )
    dark_light: float = option(
        0.01,
        "Light that a pixel's dark current pretends, as a share of the mean of the picture; it "
        'limits the contrast of black things.',
        minimum=1e-6,
        maximum=1.0,
    )
    blur: float = option(
        0.6, "Standard deviation of the lens's blur.", unit='px', minimum=0.0, maximum=10.0
    )
    least_noise: float = option(
        0.02,
        'Fewest noise events.',
        unit='events per pixel and second',
        minimum=0.0,
        maximum=1000.0,
    )
    most_noise: float = option(
        0.15,
        'Most (v2e: leak events 0.1). Above 0.25 a camera at rest passes for a moving one at the '
        'default min_rate.',
        unit='events per pixel and second',
        minimum=0.0,
        maximum=1000.0,
    )
    hot_pixels: float = option(
        0.0002, 'Mean share of pixels that fire without reason.', minimum=0.0, maximum=0.1
    )
    least_hot_rate: float = option(20.0, 'Slowest hot pixel.', unit='Hz', minimum=0.0, maximum=1e5)
    most_hot_rate: float = option(
        200.0, 'Fastest; drawn evenly on a log scale.', unit='Hz', minimum=0.0, maximum=1e5
    )

    def __post_init__(self) -> None:
        """Check what concerns two fields each.

        :raises ConfigError: where a least is above its most, with all problems found.
        """
        problems = []
        for name in ('frames', 'speed', 'fov', 'margin', 'threshold', 'noise', 'hot_rate'):
            least, most = getattr(self, f'least_{name}'), getattr(self, f'most_{name}')
            if least > most:
                problems.append(Problem(f'most_{name}', f'{most:g}', f'at least {least:g}'))
        if problems:
            raise ConfigError(type(self).__name__, problems)

    @property
    def span_us(self) -> int:
        """Length of a slice, microseconds."""
        return round(self.span_ms * 1000)


@dataclass(frozen=True, kw_only=True)
class Motion:
    """How a camera moves, evenly.

    :param pan: how fast everything moves right and down in the picture, middle squares a second.
    :param azimuth: around the thing, radians a second.
    :param elevation: likewise upwards.
    :param roll: radians a second.
    :param approach: change of the distance, as a share of it, a second.
    """

    pan: tuple[float, float]
    azimuth: float = 0.0
    elevation: float = 0.0
    roll: float = 0.0
    approach: float = 0.0

    @staticmethod
    def drawn(options: EventSimulation, random: np.random.Generator) -> Motion:
        """Any direction at any speed within the options."""
        least = max(options.least_speed, 1e-6)
        speed = math.exp(random.uniform(math.log(least), math.log(max(options.most_speed, least))))
        direction = float(random.uniform(0.0, 2.0 * math.pi))
        around, upwards = (math.radians(options.orbit) * random.uniform(-1.0, 1.0, 2)).tolist()
        return Motion(
            pan=(speed * math.cos(direction), speed * math.sin(direction)),
            azimuth=around,
            elevation=0.5 * upwards,
            roll=math.radians(options.roll) * float(random.uniform(-1.0, 1.0)),
            approach=options.approach * float(random.uniform(-1.0, 1.0)),
        )

    def after(self, start: Framing, seconds: float) -> Framing:
        """Where the camera is at a time; it neither passes the zenith nor goes below the floor."""
        elevation = start.elevation + self.elevation * seconds
        return replace(
            start,
            azimuth=start.azimuth + self.azimuth * seconds,
            elevation=min(max(elevation, math.radians(1.0)), math.radians(85.0)),
            distance=start.distance * math.exp(-self.approach * seconds),
            roll=start.roll + self.roll * seconds,
            # 2: from edge to edge
            shift=(
                start.shift[0] + 2.0 * self.pan[0] * seconds,
                start.shift[1] + 2.0 * self.pan[1] * seconds,
            ),
        )


def simulate(
    thing: Thing, view: View, options: EventSimulation, random: np.random.Generator
) -> Reading:
    """What an event camera reports while it is moved before a thing.

    :param view: its azimuth and elevation in the middle of the slice; the camera frames the thing
        by itself.
    :returns: raw is an :class:`~omnibind_core.modalities.event_slice.EventSlice` from 0 to the
        span; metadata: ``nothing`` 0, speed (pictures/s), thresholds, pictures drawn, events of
        motion and of noise, share of the picture that the thing covers.
    :raises UnavailableError: ``embreex`` is not installed.
    """
    framing = framed(
        thing.mesh.vertices,
        azimuth=view.azimuth,
        elevation=view.elevation,
        fov=math.radians(random.uniform(options.least_fov, options.most_fov)),
        margin=float(random.uniform(options.least_margin, options.most_margin)),
        off_centre=(float(random.uniform(-0.7, 0.7)), float(random.uniform(-0.7, 0.7))),
    )
    motion = Motion.drawn(options, random)
    reach = float(np.linalg.norm(thing.mesh.size)) / 2.0
    scene = Scene.drawn(random, reach=reach, azimuth=view.azimuth)
    shape = (options.height, options.width)
    seconds = options.span_us * 1e-6
    travelled = math.hypot(*motion.pan) * seconds * min(shape)
    frames = min(max(math.ceil(travelled) + 1, options.least_frames), options.most_frames)
    times = np.linspace(0.0, float(options.span_us), frames)
    light = np.empty((frames, *shape), np.float32)
    coverage = 0.0
    for number, time in enumerate(times * 1e-6):
        camera = motion.after(framing, float(time) - seconds / 2.0).camera(shape[1], shape[0])
        rendered = scene.seen(camera, thing.caster)
        light[number] = gaussian_blur(rendered.light @ LUMINANCE, options.blur)
        coverage += float(rendered.coverage.mean()) / frames
    logarithms = np.log(light / max(float(light.mean()), 1e-9) + np.float32(options.dark_light))
    pixels, threshold = _pixels(options, random)
    # a pixel's last event was some time ago: where it is between its thresholds is anyone's guess
    share = random.random(shape)
    level = logarithms[0] - share * pixels.rising + (1.0 - share) * pixels.falling
    moved = pixels.events(logarithms, times, level)
    noise = noise_events(options, random)
    facts: dict[str, float | int | str] = {
        'nothing': 0,
        'speed': math.hypot(*motion.pan),
        'threshold': threshold,
        'frames': frames,
        'motion_events': len(moved),
        'noise_events': len(noise),
        'coverage': coverage,
    }
    return Reading(_slice(np.concatenate([moved, noise]), options), facts)


def nothing(options: EventSimulation, random: np.random.Generator) -> Reading:
    """No motion: noise alone."""
    noise = noise_events(options, random)
    return Reading(_slice(noise, options), {'nothing': 1, 'noise_events': len(noise)})


def noise_events(options: EventSimulation, random: np.random.Generator) -> NDArray[np.void]:
    """Events without a cause, ``[n]``: Poisson in time, some pixels far more often than others."""
    count = options.width * options.height
    seconds = options.span_us * 1e-6
    rate = random.uniform(options.least_noise, options.most_noise)
    quiet = random.integers(0, count, random.poisson(rate * count * seconds))
    hot = random.integers(0, count, random.poisson(options.hot_pixels * count))
    rates = np.log(np.maximum([options.least_hot_rate, options.most_hot_rate], 1e-9))
    each = random.poisson(np.exp(random.uniform(rates[0], rates[1], len(hot))) * seconds)
    pixel = np.concatenate([quiet, np.repeat(hot, each)])
    time = (1.0 - random.random(len(pixel))) * options.span_us  # 0 belongs to the slice before
    return packed(pixel, random.random(len(pixel)) < 0.5, time, options.width)


def _pixels(options: EventSimulation, random: np.random.Generator) -> tuple[EventPixels, float]:
    """Pixels with thresholds of their own, and the nominal threshold."""
    shape = (options.height, options.width)
    nominal = float(random.uniform(options.least_threshold, options.most_threshold))
    ratio = math.exp(random.normal(0.0, options.asymmetry) / 2.0)
    rising, falling = (
        np.maximum(middle + options.mismatch * random.standard_normal(shape), 0.01)
        for middle in (nominal * ratio, nominal / ratio)
    )
    return EventPixels(rising, falling, options.refractory_us), nominal


def _slice(events: NDArray[np.void], options: EventSimulation) -> EventSlice:
    order = np.lexsort((events['p'], events['x'], events['y'], events['t']))
    return EventSlice(events[order], options.width, options.height, options.span_us)
