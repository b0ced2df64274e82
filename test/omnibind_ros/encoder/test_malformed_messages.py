"""Five hundred malformed messages of each type: the node lives, and each is counted by reason."""

from __future__ import annotations

from encoder_rig import EncoderRig
from encoder_rig import lossless
from encoder_rig import RELIABLE
from lite_bag import AUDIO_INFO
from lite_bag import bag_messages
from lite_bag import BUNDLE
from lite_bag import stamped_from
from lite_bag import TOPICS
from malformed_messages import malformed
import numpy as np
import pytest

from omnibind_ros.qos import LATCHED_QOS

pytestmark = pytest.mark.usefixtures('ros_domain')

NUMBER = 500
#: What a refusal may be counted as beside ``refused FIELD``.
OTHERS = {'received', 'encoded', 'replaced', 'buffered', 'decimated', 'learning'}


@pytest.mark.slow
@pytest.mark.parametrize('kind', ['thermal', 'image', 'point_cloud', 'event', 'audio'])
def test_500_malformed_messages_are_counted_by_reason(kind: str) -> None:
    """Image, CompressedImage, PointCloud2, EventPacket, AudioDataStamped; then good ones pass."""
    topic, transport = TOPICS[kind]
    random = np.random.default_rng(11)
    given = {'modality': kind, 'topic': 'input', 'transport': transport, 'max_rate': 0.0}
    good = bag_messages(topic, 40)
    with EncoderRig(BUNDLE, **given, **lossless('input')) as rig:
        if kind == 'audio':
            (info,) = bag_messages(AUDIO_INFO, 1)
            rig.probe.publisher(type(info), 'audio_info', LATCHED_QOS).publish(info)
        publisher = rig.publisher(type(good[0]), qos=RELIABLE)
        if kind == 'audio':
            rig.wait(lambda: rig.values.get('audio format', '').startswith('S16LE'), 'the format')
        begin = rig.probe.node.get_clock().now().nanoseconds
        stamped_from(good, begin)
        waiting = [malformed(good[number % len(good)], random) for number in range(NUMBER)]

        def publish() -> None:
            if waiting:
                publisher.publish(waiting.pop())

        timer = rig.probe.every(0.004, publish)
        rig.wait(lambda: rig.settled(NUMBER), f'{NUMBER} messages to be counted', 60.0)
        timer.cancel()
        counts = rig.counts
        assert counts['received'] == NUMBER, counts
        assert 'failed' not in counts, rig.process.output  # nothing unforeseen
        refused = {name: number for name, number in counts.items() if name.startswith('refused ')}
        assert set(counts) == OTHERS & set(counts) | set(refused)
        # Some damage does no harm, and on a busy machine some messages are replaced by the next.
        assert sum(refused.values()) >= NUMBER // 10, counts
        assert len(refused) >= 2, counts
        # Later than whatever stamp a damaged message brought, rings take a good stream up again.
        encoded = counts.get('encoded', 0)
        stamped_from(good, begin + 3_600_000_000_000)
        for message in good:
            publisher.publish(message)
        rig.wait(lambda: rig.counts.get('encoded', 0) > encoded, 'a good message to be encoded')
        assert rig.process.stop() == 0
        assert 'Traceback' not in rig.process.output
