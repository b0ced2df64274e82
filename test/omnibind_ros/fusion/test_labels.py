"""Labels replaced at run time, with a bundle that has no text encoder."""

from __future__ import annotations

from fusion_process import Fusion

from omnibind.msg import Labels
from omnibind_ros.qos import LATCHED_QOS


def test_without_a_text_encoder_new_words_are_refused_in_a_sentence(fusion: Fusion) -> None:
    """Nothing changes; some of the bundle's own can be chosen, and all of them again."""
    heard = fusion.probe.listen(Labels, 'labels', LATCHED_QOS)
    fusion.wait(lambda: heard, 'the labels')
    answer = fusion.set_labels(['a green zebra'])
    assert not answer.success
    assert 'text encoder' in answer.message
    assert '\n' not in answer.message
    answer = fusion.set_labels(['cup', 'bottle'])
    assert answer.success, answer.message
    fusion.wait(lambda: len(heard) == 2, 'the new labels')
    assert list(heard[1].class_ids) == ['cup', 'bottle']
    assert heard[1].labels_id != heard[0].labels_id
    fusion.sensor('camera', class_id='cup').start(20)
    fusion.wait(lambda: fusion.recognitions, 'a recognition')
    one = fusion.recognitions[0]
    assert one.labels_id == heard[1].labels_id
    assert not one.calibrated
    assert set(one.class_ids) == {'cup', 'bottle'}
    assert fusion.set_labels([]).success
    fusion.wait(lambda: len(heard) == 3 and fusion.recognitions[-1].calibrated)
    assert heard[2].labels_id == heard[0].labels_id
    assert not fusion.set_labels(['cup', 'cup']).success
