"""The robot: it goes from stop to stop, and its sensors say what they sense, or lie."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import numpy as np

from omnibind_core.data.seeding import generator
from omnibind_core.data.seeding import seed_of
from omnibind_core.evaluation.corruption.registry import corruption
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.simulation.bag.camera import camera_readings
from omnibind_core.simulation.bag.event_camera import controlled
from omnibind_core.simulation.bag.event_camera import EventRecording
from omnibind_core.simulation.bag.event_camera import MICROSECONDS
from omnibind_core.simulation.bag.fingertip import fingertip_readings
from omnibind_core.simulation.bag.lidar import lidar_readings
from omnibind_core.simulation.bag.microphone import Recording
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.recording import Recorded
from omnibind_core.simulation.bag.settings import BagSettings
from omnibind_core.simulation.bag.thermal_camera import thermal_readings
from omnibind_core.simulation.bag.ticks import SECOND
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.bag.ticks import ticks
from omnibind_core.simulation.bag.timetable import lie_at
from omnibind_core.simulation.bag.timetable import presence
from omnibind_core.simulation.bag.timetable import stop_periods
from omnibind_core.simulation.bag.topics import AUDIO_INFO
from omnibind_core.simulation.bag.topics import CAMERA
from omnibind_core.simulation.bag.topics import EVENT_CAMERA
from omnibind_core.simulation.bag.topics import LIDAR
from omnibind_core.simulation.bag.topics import MICROPHONE
from omnibind_core.simulation.bag.topics import SENSORS
from omnibind_core.simulation.bag.topics import SensorTopic
from omnibind_core.simulation.bag.topics import THERMAL
from omnibind_core.simulation.bag.topics import TOUCH
from omnibind_core.simulation.bag.topics import TRUTH
from omnibind_core.simulation.bag.writers.audio import audio_data
from omnibind_core.simulation.bag.writers.audio import audio_info
from omnibind_core.simulation.bag.writers.compressed_image import compressed_image
from omnibind_core.simulation.bag.writers.event_packet import EventPackets
from omnibind_core.simulation.bag.writers.image import mono16_image
from omnibind_core.simulation.bag.writers.messages import Messages
from omnibind_core.simulation.bag.writers.point_cloud import point_cloud
from omnibind_core.simulation.bag.writers.truth import classification
from omnibind_core.simulation.household import HouseholdStage
from omnibind_core.simulation.omnihome import OmniHome
from omnibind_core.simulation.plan import PlannedInstance


class Robot:
    """Its sensors, and what is known of the things that it saw.

    :param settings: of the bag.
    :param home: of the household: the simulated sensors' settings.
    :param messages: makes messages.
    :raises OmniBindError: the household's catalogue cannot be read.
    :ivar about: name, library, creator and licence of each instance seen so far.
    """

    def __init__(self, settings: BagSettings, home: OmniHome, messages: Messages) -> None:
        self.about: dict[str, dict[str, Any]] = {}
        self._settings = settings
        self._home = home
        self._messages = messages
        self._stage = HouseholdStage(home)
        self._start = settings.start * SECOND
        self._plugged_in = {item.sensor: presence(settings, item.sensor) for item in SENSORS}
        self._ticks = {item.sensor: self._all_ticks(item) for item in SENSORS}
        sensors, seed = home.sensors, settings.seed
        self._sound = Recording(settings.duration, sensors['audio'], seed)
        self._events = EventRecording(
            settings.duration, settings.event_camera, sensors['event'], seed
        )

    def run(
        self, visits: Sequence[PlannedInstance | None], report: Callable[[], None]
    ) -> Iterator[Recorded]:
        """All messages, in no particular order."""
        said = None
        for number, (planned, period) in enumerate(
            zip(visits, stop_periods(self._settings), strict=True)
        ):
            label = '' if planned is None else planned.label
            if label != said:
                said = label
                stamp = self._start + round(period.begin * SECOND)
                data = classification(self._messages, stamp, label)
                yield Recorded(stamp, TRUTH[0], data)
            place = self._place(number, planned)
            self._sound.add(place)
            self._events.add(place)
            yield from self._pictures(place)
            report()
        yield from self._sounds()
        yield from self._packets()

    def _place(self, number: int, planned: PlannedInstance | None) -> Place:
        thing = None
        if planned is not None:
            thing = self._stage.thing(planned)
            facts = self._stage.describe(planned, thing)
            self.about[planned.instance] = {
                'name': planned.name,
                **{key: facts[key] for key in ('library', 'creator', 'licence')},
            }
        return Place.drawn(
            number,
            stop_periods(self._settings)[number],
            self._settings.stops[number],
            thing,
            sway=self._settings.sway,
            image=self._home.sensors['image'],
            event=self._home.sensors['event'],
            seed=self._settings.seed,
        )

    def _pictures(self, place: Place) -> Iterator[Recorded]:
        """Messages of the sensors that give one reading at a time."""
        own, messages, seed = self._settings, self._messages, self._settings.seed
        options = self._home.sensors
        for tick, picture in camera_readings(
            place, self._during(CAMERA, place), own.camera, options['image'], seed
        ):
            header, raw = self._header(CAMERA, tick), self._told(CAMERA, tick, picture)
            data = compressed_image(messages, header, raw, own.camera.quality)
            yield Recorded(tick.received, CAMERA.topic, data)
        for tick, counts in thermal_readings(
            place, self._during(THERMAL, place), own.thermal, options['thermal'], seed
        ):
            header, raw = self._header(THERMAL, tick), self._told(THERMAL, tick, counts)
            yield Recorded(tick.received, THERMAL.topic, mono16_image(messages, header, raw))
        for tick, cloud in lidar_readings(
            place, self._during(LIDAR, place), own.lidar, options['point_cloud'], seed
        ):
            header, raw = self._header(LIDAR, tick), self._told(LIDAR, tick, cloud)
            yield Recorded(tick.received, LIDAR.topic, point_cloud(messages, header, raw))
        for tick, frame in fingertip_readings(
            place,
            self._during(TOUCH, place),
            self._plugged_in[TOUCH.sensor],
            own.touch,
            options['touch'],
            seed,
        ):
            header, raw = self._header(TOUCH, tick), self._told(TOUCH, tick, frame)
            data = compressed_image(messages, header, raw.picture, own.touch.quality)
            yield Recorded(tick.received, TOUCH.topic, data)

    def _sounds(self) -> Iterator[Recorded]:
        """What the microphone sends, and what its samples are, said at each start."""
        rate = self._sound.sample_rate
        count = round(rate / self._settings.microphone.rate)
        for period in self._plugged_in[MICROPHONE.sensor]:
            stamp = self._start + round(period.begin * SECOND)
            yield Recorded(stamp, AUDIO_INFO[0], audio_info(self._messages, rate))
        for tick in self._ticks[MICROPHONE.sensor]:
            clip = AudioClip(self._sound.samples(tick.time, count), rate)
            samples = self._told(MICROPHONE, tick, clip).samples
            data = audio_data(self._messages, self._header(MICROPHONE, tick), samples)
            yield Recorded(tick.received, MICROPHONE.topic, data)

    def _packets(self) -> Iterator[Recorded]:
        """What the event camera sends; its own clock and counter begin when it is plugged in."""
        length = MICROSECONDS / self._settings.event_camera.rate
        for period in self._plugged_in[EVENT_CAMERA.sensor]:
            own = [item for item in self._ticks[EVENT_CAMERA.sensor] if item.time in period]
            packets = EventPackets(round(own[0].number * length)) if own else None
            for tick in own:
                begin, end = round(tick.number * length), round((tick.number + 1) * length)
                told = self._told(EVENT_CAMERA, tick, self._events.between(begin, end))
                random = generator(self._settings.seed, 'event_camera', 'dropped', tick.number)
                told = controlled(told, begin, self._settings.event_camera.most_rate, random)
                assert packets is not None
                data = packets.packet(self._messages, self._header(EVENT_CAMERA, tick), told, begin)
                yield Recorded(tick.received, EVENT_CAMERA.topic, data)

    def _told(self, sensor: SensorTopic, tick: Tick, raw: Any) -> Any:
        """What a sensor says of what it sensed: a lie, perhaps."""
        lie = lie_at(self._settings, sensor.sensor, tick.time)
        if lie is None:
            return raw
        seed = seed_of(self._settings.seed, sensor.sensor, 'lie', tick.number)
        return corruption(sensor.modality, lie.corruption).apply(raw, lie.severity, seed)

    def _header(self, sensor: SensorTopic, tick: Tick) -> Any:
        return self._messages.header(tick.stamp, sensor.frame_id)

    def _during(self, sensor: SensorTopic, place: Place) -> list[Tick]:
        return [tick for tick in self._ticks[sensor.sensor] if tick.time in place.period]

    def _all_ticks(self, sensor: SensorTopic) -> list[Tick]:
        random: np.random.Generator = generator(self._settings.seed, 'ticks', sensor.sensor)
        return ticks(
            self._settings.timing(sensor.sensor),
            self._plugged_in[sensor.sensor],
            start=self._start,
            random=random,
            stretch=sensor.stretch,
        )
