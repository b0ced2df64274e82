"""The demo over real DDS: its lines, its view, its report; and a clean end at any moment."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
import fcntl
import json
import os
from pathlib import Path
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

from cut_bag import cut_bag
import psutil
import pytest
from ros_process import executable

from omnibind_ros.stage.leftovers import owned

pytestmark = pytest.mark.usefixtures('ros_domain')

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / 'bundles' / 'omnihome'
WITHIN = 150.0  # s; other things may load the machine
COLOUR = re.compile(r'\x1b\[[0-9;]*(?:38|48);')
STARTING, PLAYING, EVALUATING = 'starting', '0:00  now there', 'evaluating'


class Demo:
    """A demo that runs; what it says is collected, on a terminal of its own where asked for."""

    def __init__(self, *words: str, terminal: bool = False, **environment: str) -> None:
        self._text = ''
        self._changed = threading.Condition()
        self._ended = False
        # Both are read at the first end, and written to at the second.
        inside, outside = pty.openpty() if terminal else os.pipe()
        if terminal:
            fcntl.ioctl(outside, termios.TIOCSWINSZ, struct.pack('HHHH', 36, 112, 0, 0))
        self._read_end = inside
        given = {'TERM': 'xterm-256color', **environment}
        kept = {name: value for name, value in os.environ.items() if name != 'NO_COLOR'}
        self.process = subprocess.Popen(
            [str(executable('omnibind')), 'demo', '--bundle', str(BUNDLE), *words],
            stdin=subprocess.DEVNULL,
            stdout=outside,
            stderr=outside,
            env={**kept, **given},
            start_new_session=True,
        )
        os.close(outside)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.children: list[psutil.Process] = []

    @property
    def text(self) -> str:
        with self._changed:
            return self._text

    def wait_for(self, text: str) -> None:
        """Until it says so; and note whom it has started by then."""
        with self._changed:
            self._changed.wait_for(lambda: text in self._text or self._ended, WITHIN)
        assert text in self.text, self.text
        self.note_children()

    def note_children(self) -> None:
        self.children += psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int | None = None) -> int:
        """Its exit code; none of those that it had started may be left."""
        if number is not None:
            self.note_children()
            self.process.send_signal(number)
        code = self.process.wait(WITHIN)
        self._reader.join(30.0)
        _, left = psutil.wait_procs(self.children, timeout=30.0)
        assert [one for one in left if one.status() != psutil.STATUS_ZOMBIE] == []
        return code

    def _read(self) -> None:
        with suppress(OSError):  # a terminal whose other end was closed
            while data := os.read(self._read_end, 65536):
                with self._changed:
                    self._text += data.decode(errors='replace')
                    self._changed.notify_all()
        os.close(self._read_end)
        with self._changed:
            self._ended = True
            self._changed.notify_all()


@contextmanager
def running(*words: str, **given: object) -> Iterator[Demo]:
    demo = Demo(*words, **given)  # type: ignore[arg-type]
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


@pytest.fixture(scope='module')
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of nothing, and two of a cabinet."""
    return cut_bag(tmp_path_factory.mktemp('bags') / 'cut', 6.0)


def test_without_a_terminal(bag: Path, tmp_path: Path) -> None:
    """Lines, figures, report, exit code 0; no control characters, nothing left running."""
    out, figures = tmp_path / 'out', tmp_path / 'demo.json'
    words = ('--bag', str(bag), '--out', str(out), '--json', str(figures), '--rate', '3')
    with running(*words) as demo:
        demo.wait_for(PLAYING)
        assert len(demo.children) >= 2
        demo.wait_for(EVALUATING)
        assert demo.end() == 0, demo.text
    lines = demo.text.splitlines()
    assert lines[0] == 'starting 6 encoders and the fusion node'
    assert '0:04  now there: cabinet' in lines
    (summary,) = [line for line in lines if line.startswith('live: ')]
    assert re.fullmatch(r'live: \d+ % of the recognitions at things .*; offline .*', summary)
    assert lines[-1] == f'report: {out / "report.html"}'
    assert not re.search(r'[^\x20-\x7e\n]', demo.text)
    found = json.loads(figures.read_text())
    assert found['live']['recognitions'] > 20
    assert found['live']['things'] == 1
    assert found['offline']['realtime_factor'] > 0.0
    page = (out / 'report.html').read_text()
    assert 'live, in this demo' in page
    assert page.rstrip().endswith('</html>')
    whole = json.loads((out / 'figures.json').read_text())
    recorded = whole['bags'][0]['recorded']['live, in this demo']
    assert recorded['recognitions'] == found['live']['recognitions']


def test_ctrl_c_in_a_terminal(bag: Path, tmp_path: Path) -> None:
    """It draws in place, and gives the terminal back with its cursor."""
    words = ('--bag', str(bag), '--out', str(tmp_path), '--no-report')
    with running(*words, terminal=True) as demo:
        demo.wait_for('camera')
        demo.wait_for('answers a second')
        assert len(demo.children) >= 2
        assert demo.end(signal.SIGINT) == 130
    text = demo.text
    assert text.count('\x1b[?1049h') == text.count('\x1b[?1049l') == 1
    assert text.rindex('\x1b[?25h') > text.rindex('\x1b[?25l')
    assert text.count('\x1b[H') > 5  # drawn again from the first column and line
    assert COLOUR.search(text)
    assert text.rstrip().endswith('stopped (SIGINT)')


@pytest.mark.slow
@pytest.mark.parametrize(
    ('moment', 'number'),
    [
        (STARTING, signal.SIGINT),
        (PLAYING, signal.SIGTERM),
        (EVALUATING, signal.SIGINT),
        (EVALUATING, signal.SIGTERM),
    ],
)
def test_a_signal_at_any_moment(bag: Path, tmp_path: Path, moment: str, number: int) -> None:
    """128 and its number; what was started has ended."""
    with running('--bag', str(bag), '--out', str(tmp_path), '--rate', '4') as demo:
        demo.wait_for(moment)
        if moment == EVALUATING:
            _until(demo, lambda: len(psutil.Process(demo.process.pid).children()) >= 2)
        assert demo.end(number) == 128 + number
    assert 'Traceback' not in demo.text
    assert not (tmp_path / 'report.html').exists()


@pytest.mark.slow
def test_a_process_that_dies_is_one_sentence(bag: Path, tmp_path: Path) -> None:
    """Exit code 1, the others are ended, and its shared memory is given back."""
    with running('--bag', str(bag), '--out', str(tmp_path)) as demo:
        demo.wait_for(PLAYING)
        nodes = next(one for one in demo.children if 'perception' in ' '.join(one.cmdline()))
        memory = owned(nodes.pid)
        nodes.kill()
        assert demo.end() == 1
    assert memory
    assert [name for name in memory if (Path('/dev/shm') / name).exists()] == []
    last = demo.text.splitlines()[-1]
    assert last.startswith('error: perception has ended by itself (SIGKILL)')


@pytest.mark.slow
def test_nothing_outlives_a_demo_that_was_killed(bag: Path, tmp_path: Path) -> None:
    """Not even `kill -9` leaves nodes behind."""
    with running('--bag', str(bag), '--out', str(tmp_path)) as demo:
        demo.wait_for(PLAYING)
        assert len(demo.children) >= 2
        assert demo.end(signal.SIGKILL) == -signal.SIGKILL


@pytest.mark.slow
def test_no_colour_in_a_terminal(bag: Path, tmp_path: Path) -> None:
    """NO_COLOR is obeyed; it is drawn in place all the same."""
    words = ('--bag', str(bag), '--out', str(tmp_path), '--no-report', '--rate', '2')
    with running(*words, terminal=True, NO_COLOR='1') as demo:
        assert demo.end() == 0, demo.text
    assert '\x1b[?1049h' in demo.text
    assert not COLOUR.search(demo.text)


@pytest.mark.slow
def test_whole_length(tmp_path: Path) -> None:
    """Less than three minutes, and what the robot says is worth something."""
    figures, picture = tmp_path / 'demo.json', tmp_path / 'view.svg'
    given = ('--bag', str(ROOT / 'samples' / 'bag_lite'), '--out', str(tmp_path))
    words = (*given, '--json', str(figures), '--picture', str(picture), '--picture-at', '30')
    with running(*words) as demo:
        demo.wait_for(EVALUATING)
        assert demo.end() == 0, demo.text
    found = json.loads(figures.read_text())
    assert found['timings']['all_s'] < 180.0
    assert found['live']['things'] == 7
    assert found['live']['recognised'] >= 5
    assert abs(found['live']['top1'] - found['offline']['top1']) < 0.1
    for event in ('thermal plugged in', 'lidar unplugged', 'lidar is back', 'camera unplugged'):
        assert event in demo.text
    assert 'unplugged' in picture.read_text()


def _until(demo: Demo, condition: Callable[[], bool]) -> None:
    """Looks again and again while the demo runs."""
    while not condition():
        assert demo.process.poll() is None, demo.text
