"""What keeps a sensor silent is named: in the log once, in diagnostics as long as it lasts."""

from __future__ import annotations

from array import array
import os
from pathlib import Path

from encoder_rig import BEST_EFFORT
from encoder_rig import EncoderRig
from encoder_rig import RELIABLE
from lite_bag import AUDIO_INFO
from lite_bag import bag_messages
from lite_bag import BUNDLE
from lite_bag import stamped_from
from lite_bag import TOPICS
from noise_pictures import noise_picture
import pytest
from ros_process import ros_arguments
from ros_process import RosProcess
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from omnibind_ros.qos import LATCHED_QOS

pytestmark = pytest.mark.usefixtures('ros_domain')

OK, WARN, ERROR = 0, 1, 2


def test_nobody_wrong_type_wrong_quality_and_silence_are_told_apart(random_bundle: Path) -> None:
    """One after the other on the same topic, each with what to do."""
    with EncoderRig(
        random_bundle, modality='image', reliability='reliable', silent_after=0.5
    ) as rig:
        node = rig.probe.node
        rig.wait_level(WARN, 'nobody publishes on /omnibind/input')

        wrong = rig.probe.publisher(CompressedImage, 'input', RELIABLE)
        line = rig.process.wait_for_line('sensor_msgs/msg/CompressedImage')
        assert '/omnibind/probe publishes' in line
        assert 'sensor_msgs/msg/Image is expected' in line
        assert 'transport: compressed' in line
        rig.wait_level(WARN, 'sensor_msgs/msg/CompressedImage')
        rig.probe.run(lambda: node.destroy_publisher(wrong))
        rig.wait_level(WARN, 'nobody')

        deaf = rig.probe.publisher(Image, 'input', BEST_EFFORT)
        line = rig.process.wait_for_line('(QoS) that does not fit')
        assert 'reliability best_effort there, reliable here' in line
        rig.wait_level(WARN, 'does not fit')
        rig.probe.run(lambda: node.destroy_publisher(deaf))
        rig.wait_level(WARN, 'nobody')

        publisher = rig.publisher(Image, qos=RELIABLE)
        line = rig.process.wait_for_line('nothing has arrived on /omnibind/input')
        assert 'Fast DDS' in line
        assert 'config/dds' in line
        assert 'QoS fits (reliability reliable there, reliable here)' in line
        rig.wait_level(WARN, 'nothing has arrived')

        clock = node.get_clock()
        timer = rig.probe.every(
            0.05, lambda: publisher.publish(noise_picture(clock.now().nanoseconds))
        )
        rig.wait_level(OK, 'embeddings a second')
        assert rig.values['publishers'] == '1'
        timer.cancel()
        rig.wait(
            lambda: rig.process.output.count('nothing has arrived') == 2, 'the hint after silence'
        )
        assert rig.process.stop() == 0
        for text in ('CompressedImage on', 'does not fit'):
            assert rig.process.output.count(text) == 1


def test_stamps_of_long_ago_ask_for_simulated_time(random_bundle: Path) -> None:
    """One ERROR; the status is good again with the stamps. A stamp of zero is refused by name."""
    with EncoderRig(random_bundle, modality='image', max_rate=0.0) as rig:
        publisher = rig.publisher(Image)
        clock = rig.probe.node.get_clock()
        shift = [-1000 * 10**9]
        rig.probe.every(
            0.03, lambda: publisher.publish(noise_picture(clock.now().nanoseconds + shift[0]))
        )
        line = rig.process.wait_for_line('[ERROR]')
        assert 'use_sim_time' in line
        assert 'behind the ROS clock' in line
        rig.wait_level(ERROR, 'use_sim_time')
        assert rig.embeddings  # it is encoded all the same
        shift[0] = 0
        rig.wait_level(OK, 'embeddings a second')
        publisher.publish(noise_picture(0))
        assert 'stamp_source: arrival' in rig.process.wait_for_line('message refused: header.stamp')
        rig.wait(lambda: rig.counts.get('refused header.stamp') == 1, 'the count')
        assert rig.process.stop() == 0
        assert rig.process.output.count('[ERROR]') == 1


def test_simulated_time_without_a_clock_is_named(random_bundle: Path) -> None:
    """The node's clock stands at zero; its status comes all the same."""
    with EncoderRig(random_bundle, modality='image', max_rate=0.0, use_sim_time=True) as rig:
        publisher = rig.publisher(Image)
        rig.probe.every(0.05, lambda: publisher.publish(noise_picture(10**18)))
        assert 'nothing on /clock' in rig.process.wait_for_line('[ERROR]')
        rig.wait_level(ERROR, '/clock')
        assert rig.process.stop() == 0


def test_messages_that_cannot_be_used_are_an_error_when_there_are_no_others(
    random_bundle: Path,
) -> None:
    """The share and the last reason; a warning when others get through."""
    with EncoderRig(random_bundle, modality='image', max_rate=0.0) as rig:
        publisher = rig.publisher(Image)
        clock = rig.probe.node.get_clock()
        good = [False]

        def publish() -> None:
            good[0] = mixed[0] and not good[0]
            message = noise_picture(clock.now().nanoseconds)
            if not good[0]:
                message.encoding = 'sonar8'
            publisher.publish(message)

        mixed = [False]
        rig.probe.every(0.05, publish)
        status = rig.wait_level(ERROR, '100% of the messages are refused')
        assert 'sonar8' in status.message
        mixed[0] = True
        rig.wait_level(WARN, 'of the messages are refused')
        assert rig.set(warn_refused=1.0) == ''
        rig.wait_level(OK, 'embeddings a second')
        assert rig.set(warn_rate=1000.0) == ''
        rig.wait_level(WARN, 'output rate')
        assert rig.set(warn_rate=0.0, warn_encode=1e-9) == ''
        rig.wait_level(WARN, 'encoding (p99)')
        for part in ('arrival', 'waiting', 'decode', 'preprocess', 'encode', 'publish', 'in node'):
            assert rig.values[f'latency {part}'].startswith('p50 ')
        assert rig.process.stop() == 0


def test_sound_waits_for_its_format_and_names_one_that_it_cannot_use() -> None:
    """No AudioInfo, a compressed one, and a good one."""
    messages = bag_messages(TOPICS['audio'][0], 40)
    (info,) = bag_messages(AUDIO_INFO, 1)
    with EncoderRig(BUNDLE, modality='audio', max_rate=0.0, info_topic='format') as rig:
        publisher = rig.publisher(type(messages[0]))
        stamped_from(messages, rig.probe.node.get_clock().now().nanoseconds)
        waiting = list(messages)

        def publish() -> None:
            publisher.publish(waiting[0])
            if rig.values.get('audio format', '').startswith('S16LE'):
                waiting.append(waiting.pop(0))

        rig.probe.every(0.05, publish)
        assert 'info_topic' in rig.process.wait_for_line('message refused: audio_info')
        informer = rig.probe.publisher(type(info), 'format', LATCHED_QOS)
        bad = type(info)(channels=1, sample_rate=16000, coding_format='mp3')
        informer.publish(bad)
        assert 'wave' in rig.process.wait_for_line('message refused: coding_format')
        informer.publish(info)
        rig.wait(lambda: rig.embeddings, 'an embedding')
        assert rig.counts['refused audio_info'] > 0
        assert rig.counts['refused coding_format'] > 0
        assert rig.process.stop() == 0


def test_a_picture_of_the_wrong_kind_names_the_modality_it_belongs_to(random_bundle: Path) -> None:
    """16-bit pixels are no colour picture."""
    with EncoderRig(random_bundle, modality='image', max_rate=0.0) as rig:
        publisher = rig.publisher(Image)
        message = noise_picture(rig.probe.node.get_clock().now().nanoseconds)
        message.encoding, message.step = 'mono16', 128
        message.data = array('B', bytes(48 * 128))
        rig.probe.every(0.05, lambda: publisher.publish(message))
        assert 'thermal' in rig.process.wait_for_line('message refused: encoding')
        assert rig.process.stop() == 0


def test_the_other_package_of_the_same_name_disables_only_this_sensor(tmp_path: Path) -> None:
    """The node stays and says which package it needs; so it does without any such package."""
    other = tmp_path / 'audio_common_msgs' / 'msg'
    other.mkdir(parents=True)
    (other.parent / '__init__.py').write_text('')
    (other / '__init__.py').write_text('class AudioStamped:\n    """Of mgonzs13."""\n')
    path = {'PYTHONPATH': f'{tmp_path}:{os.environ["PYTHONPATH"]}'}
    arguments = ros_arguments(node='mic', bundle=BUNDLE, modality='audio')
    with RosProcess('encoder', *arguments, env=path) as microphone:
        line = microphone.wait_for_line('configure refused')
        assert 'mgonzs13/audio_common' in line
        assert "ros-drivers' package" in line
        (other / '__init__.py').write_text('raise ImportError("no such package")\n')
        with RosProcess('encoder', *arguments, env=path) as second:
            assert 'ros-$ROS_DISTRO-audio-common-msgs' in second.wait_for_line('configure refused')
            assert second.stop() == 0
        assert microphone.process.poll() is None
        assert microphone.stop() == 0
