"""Any words as labels, with a bundle that carries a text encoder: a process of its own."""

from __future__ import annotations

from pathlib import Path

from fake_sensors import Vectors
from fusion_process import Fusion
from probe import Probe
import pytest
from ros_process import ros_arguments
from ros_process import RosProcess

from omnibind.msg import Labels
from omnibind_core.inference.bundle_text import add_text
from omnibind_ros.qos import LATCHED_QOS


def test_with_a_text_encoder_any_words_are_labels(ros_domain: int, tmp_path: Path) -> None:
    """The labels that the recognition lists are the ones that were asked for."""
    pytest.importorskip('tokenizers')
    import tiny_bundle

    text = tiny_bundle.text_export()
    folder = add_text(tiny_bundle.make_textual(tmp_path / 'bundle', text), text)
    vectors = Vectors(folder)
    with Probe() as probe, RosProcess('fusion', *ros_arguments(bundle=folder)) as process:
        fusion = Fusion(probe, process, vectors)
        heard = probe.listen(Labels, 'labels', LATCHED_QOS)
        fusion.sensor('camera', class_id='sofa').start(20)
        fusion.wait(lambda: fusion.recognitions and heard, 'a recognition')
        assert fusion.recognitions[-1].class_ids[0] == 'sofa'
        answer = fusion.set_labels(['large cup', 'photo of text'], prompt='a {}')
        assert answer.success, answer.message
        fusion.wait(lambda: len(heard) == 2 and not fusion.recognitions[-1].calibrated)
        last = fusion.recognitions[-1]
        assert set(last.class_ids) == {'large cup', 'photo of text'}
        assert last.labels_id == heard[1].labels_id
        assert not fusion.set_labels(['cup'], prompt='no place for it').success
        assert process.stop() == 0, process.output
