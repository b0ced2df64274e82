"""The report of bags: one HTML file that tells what was there, what was said, and why."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
import io
from typing import Any
from typing import TYPE_CHECKING

from omnibind_core.evaluation.report import bag_pictures
from omnibind_core.evaluation.report.bag_tables import bags_table
from omnibind_core.evaluation.report.bag_tables import classes_table
from omnibind_core.evaluation.report.bag_tables import drops_table
from omnibind_core.evaluation.report.bag_tables import percent
from omnibind_core.evaluation.report.bag_tables import sensors_table
from omnibind_core.evaluation.report.bag_tables import versus_table
from omnibind_core.evaluation.report.bag_timeline import Shown
from omnibind_core.evaluation.report.bag_timeline import timeline
from omnibind_core.evaluation.report.page import facts
from omnibind_core.evaluation.report.page import image
from omnibind_core.evaluation.report.page import page
from omnibind_core.evaluation.report.page import paragraph
from omnibind_core.evaluation.report.page import Section
from omnibind_core.evaluation.report.style import data_address
from omnibind_core.evaluation.report.style import drawing
from omnibind_core.evaluation.report.style import picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Document = Mapping[str, Any]
_MOST_BAGS = 3  # that are shown at length
_MOST_COLUMNS = 14
_MOST_NOTES = 12


def bag_report(document: Document, shown: Sequence[Shown]) -> str:
    """The page.

    :param document: the summary, with each bag's own document in ``bags``.
    :param shown: the bags that gave recognitions; the first three are shown at length.
    :raises UnavailableError: matplotlib is not installed.
    """
    bags = document['bags']
    with drawing():
        sections = [Section('At a glance', _glance(document)), *_notes(document)]
        if len(bags) > 1:
            sections.append(Section('Every bag', bags_table(bags)))
        one_of_many = len(shown) > 1
        for item in shown[:_MOST_BAGS]:
            name = f': {item.document["bag"]}' if one_of_many else ''
            sections += _story(item, name)
        sections += _subsets(document, shown)
        for item in shown[:_MOST_BAGS]:
            name = f': {item.document["bag"]}' if one_of_many else ''
            sections += _figures(item, name)
        sections += _recorded(bags)
    word = 'simulated, ' if document['simulated'] else ''
    count = f'{len(bags)} bags' if len(bags) > 1 else str(bags[0]['bag'])
    subtitle = f'{count}, {word}{document["duration_s"]:.0f} s'
    return page('OmniBind: what a robot recognised', subtitle, sections)


def timeline_png(shown: Shown) -> bytes:
    """The timeline of one bag as a PNG file.

    :raises UnavailableError: matplotlib is not installed.
    """
    with drawing():
        found = timeline(shown)
        word = ', simulated' if shown.document.get('simulated') else ''
        found.suptitle(f'{shown.document["bag"]}{word}', fontsize=11, fontweight='bold')
        return picture(found, 'png')


def _glance(document: Document) -> str:
    bags = document['bags']
    first = [one['first_correct'] for one in bags if one.get('first_correct')]
    things = sum(one['things'] for one in first)
    named = sum(one['recognised'] for one in first)
    medians = sorted(one['median_s'] for one in first if one['median_s'] is not None)
    total = document['latency_ms']['total']
    tiles = [
        (percent(document['top1']), 'of the recognitions at a thing name it'),
        (percent(document['time_top1']), 'of the time at a thing it is named'),
        (
            percent(document['best_class_top1']),
            'have the right best class, whether they abstain or not',
        ),
        (percent(document['abstained_at_nothing']), 'abstain where nothing is there'),
        (f'{named} of {things}' if things else '-', 'things were recognised at some time'),
        (
            f'{medians[len(medians) // 2]:.2f} s' if medians else '-',
            'until a thing is first named (median)',
        ),
        (
            f'{total["p50"]:.0f} / {total["p95"]:.0f} ms' if total else '-',
            'latency p50 / p95, from stamp to recognition (model)',
        ),
    ]
    cells = ''.join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(text)}</span></div>'
        for value, text in tiles
    )
    text = (
        'The bag was replayed offline through the same conversions, encoders, window and fusion as '
        'the live nodes. A recognition is right when it names what is there; where nothing is '
        'there, only abstaining is right.'
    )
    if document['simulated']:
        text += ' Everything in it is simulated.'
    return f'<div class="tiles">{cells}</div>' + paragraph(text)


def _notes(document: Document) -> list[Section]:
    problems = document['problems']
    if not problems:
        return []
    notes = [f'<div class="note">{escape(text)}</div>' for text in problems[:_MOST_NOTES]]
    if len(problems) > _MOST_NOTES:
        notes.append(paragraph(f'and {len(problems) - _MOST_NOTES} more, in the JSON file'))
    return [Section('What is wrong with it', ''.join(notes))]


def _story(shown: Shown, name: str) -> list[Section]:
    text = (
        'Above: what was there and what the robot said, green where right, red where wrong, grey '
        'where it abstained. Below: each sensor, its height the weight that the fusion gave it, '
        'pale while an older vector was held; the strip under it says what is the matter.'
    )
    body = _image(timeline(shown), 'timeline of truth, recognitions and sensors')
    found = [Section(f'The story{name}', paragraph(text) + body)]
    if any(shown.pictures.values()):
        found.append(Section(f'What the sensors saw{name}', _seen(shown)))
    return found


def _seen(shown: Shown) -> str:
    """A row for each sensor, a column for each stretch of the truth."""
    step = -(-len(shown.moments) // _MOST_COLUMNS)
    numbers = range(0, len(shown.moments), max(step, 1))
    rows = []
    for name, pictures in shown.pictures.items():
        cells = ''.join(f'<td>{_thumbnail(name, pictures.get(number))}</td>' for number in numbers)
        rows.append(f'<tr><th>{escape(name.replace("_", " "))}</th>{cells}</tr>')
    captions = ''.join(
        f'<td><div class="cap">{_caption(shown, number)}</div></td>' for number in numbers
    )
    rows.append(f'<tr><th></th>{captions}</tr>')
    text = (
        'In the middle of each stretch. Heat as colour, points seen from the lidar, events red '
        'where it got brighter, sound as a spectrogram, and of the fingertip the gel with its '
        'change below.'
    )
    return paragraph(text) + f'<table class="seen">{"".join(rows)}</table>'


def _caption(shown: Shown, number: int) -> str:
    moment = shown.moments[number]
    at = f'{(moment - shown.begin) / 1e9:.0f} s'
    if shown.truth is None:
        return at
    true = shown.truth.at(moment)
    return f'{escape((true or "nothing").replace("_", " "))}<br>{at}'


def _thumbnail(name: str, pixels: Any) -> str:
    if pixels is None:
        return '<div class="none">-</div>'
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'JPEG', quality=88)
    return f'<img alt="{escape(name)}" src="{data_address(buffer.getvalue())}">'


def _subsets(document: Document, shown: Sequence[Shown]) -> list[Section]:
    subsets = document['per_subset']
    if not subsets:
        return []
    modalities = {
        name: one['modality'] for item in shown for name, one in item.document['sensors'].items()
    }
    text = (
        'As if the robot had carried these sensors only: the share of the time at things at which '
        'the newest answer of the last second is right; a sensor that is silent says nothing. '
        'Grey: at which its best class is right, whether it abstains or not. Dots: who is in the '
        'subset; red: all sensors.'
    )
    if any('time_top1_ci95' in one for one in subsets.values()):
        text += ' Lines: 95 % intervals over the bags.'
    body = paragraph(text) + _image(
        bag_pictures.subset_bars(subsets, modalities), 'accuracy of every subset of the sensors'
    )
    rows = document.get('all_against_one', [])
    if rows:
        body += versus_table('time at things, right', rows)
        body += versus_table('best class, abstained or not', document['all_against_one_best_class'])
    return [Section('Every subset of the sensors', body)]


def _figures(shown: Shown, name: str) -> list[Section]:
    document = shown.document
    found = [Section(f'Sensors{name}', sensors_table(document))]
    if document.get('confusion'):
        body = classes_table(document) + _image(
            bag_pictures.confusion_picture(document), 'confusion of classes'
        )
        found.append(Section(f'Classes{name}', body))
    pair = _image(
        bag_pictures.latency_picture(shown.answers, document['sensors']), 'latency distribution'
    )
    reliability = bag_pictures.reliability_picture(document)
    if reliability is not None:
        pair = _image(reliability, 'reliability diagram') + pair
    found.append(Section(f'How sure, and how fast{name}', f'<div class="pair">{pair}</div>'))
    about = {
        'bundle': document.get('bundle', ''),
        'recognitions': document['recognitions'],
        'calculated in': f'{document["timings"]["wall_s"]:.1f} s '
        f'({document["timings"]["cpu_s"]:.1f} s of processor time, '
        f'{document["realtime_factor"]:.1f} times real time)',
    }
    found.append(Section(f'What became of everything{name}', drops_table(document) + facts(about)))
    return found


def _recorded(bags: Sequence[Document]) -> list[Section]:
    rows = {
        f'{bag["bag"]} {topic}': f'{one["recognitions"]} recognitions, top-1 at things '
        f'{percent(one["top1"])}, of time {percent((one.get("time") or {}).get("top1"))}'
        for bag in bags
        for topic, one in bag.get('recorded', {}).items()
    }
    if not rows:
        return []
    text = 'What live nodes said: recorded in the bag, or heard while it was played to them.'
    return [Section('Live recognitions', paragraph(text) + facts(rows))]


def _image(drawn: Figure, text: str) -> str:
    return image(picture(drawn), text)
