"""The report of an evaluation of subsets: statements, tables and pictures in one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import TYPE_CHECKING

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.evaluation.report import embedding_picture
from omnibind_core.evaluation.report import subset_pictures
from omnibind_core.evaluation.report import trust_pictures
from omnibind_core.evaluation.report.page import facts
from omnibind_core.evaluation.report.page import image
from omnibind_core.evaluation.report.page import page
from omnibind_core.evaluation.report.page import paragraph
from omnibind_core.evaluation.report.page import Section
from omnibind_core.evaluation.report.page import table
from omnibind_core.evaluation.report.style import drawing
from omnibind_core.evaluation.report.style import method_title
from omnibind_core.evaluation.report.style import picture
from omnibind_core.evaluation.report.style import sensor_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Document = Mapping[str, Any]
_WORST = 10


def subset_report(document: Document, tables: Mapping[str, EmbeddingTable]) -> str:
    """The page.

    :param document: as :func:`~omnibind_core.evaluation.subsets.document.document` gives it.
    :param tables: embeddings to draw as a map, by title; empty = no map.
    :raises UnavailableError: matplotlib or scikit-learn is not installed.
    """
    with drawing():
        sections = [
            Section('What was measured', _about(document)),
            *_goals(document),
            Section('Methods', _methods(document)),
            Section('Every subset', _picture(subset_pictures.subset_map, document)),
            Section('One more sensor', _added(document)),
            Section('A sensor that lies or has nothing to sense', _spoilt(document)),
            Section('How sure it is', _trust(document)),
            *_nothing(document),
            *_text(document),
        ]
        if tables:
            drawn = embedding_picture.space_map(tables, document['fold'], seed=document['seed'])
            text = (
                't-SNE of test embeddings: it keeps neighbours; distances between groups and their '
                'sizes mean nothing.'
            )
            body = paragraph(text) + image(picture(drawn, 'png'), 'map of the embedding space')
            sections.append(Section('The embedding space', body))
    word = 'simulated data, ' if document.get('simulated') else ''
    subtitle = (
        f'{word}fold {document["fold"]}: {document["instances"]} instances, {document["views"]} '
        f'views, {document["classes"]} classes, {len(document["sensors"])} sensors'
    )
    return page('OmniBind: subsets of sensors', subtitle, sections)


def _about(document: Document) -> str:
    names = ('bundle', 'space', 'data', 'split', 'seed', 'resamples')
    values = {name: document[name] for name in names if document.get(name) is not None}
    settings = document['settings']['source']
    values |= {f'{name} from': where for name, where in settings.items()}
    text = (
        'Every non-empty subset of the sensors is fused by every method. Same instance: all '
        'sensors at one thing at one time, as on a robot. Any instance of the class: each sensor '
        'at another thing of the class. Means are over subsets of two and more; intervals are '
        '95 %, by a bootstrap over instances (over classes where each sensor has another one).'
    )
    if document.get('simulated'):
        text += ' All data is simulated.'
    return paragraph(text) + facts(values)


def _goals(document: Document) -> list[Section]:
    if not document['goals']:
        return []
    rows = []
    for item in document['goals']:
        value = ''
        if 'difference' in item:
            value = f'{_points(item["difference"])} {_interval(item["ci95"])}'
        if 'significantly_worse' in item:
            value = f'{item["significantly_worse"]} of {item["pairs"]}'
        if 'mean_of_embeddings' in item:
            value += f'; mean of embeddings {_points(item["mean_of_embeddings"])}'
        verdict = ('met', 'met') if item['met'] else ('missed', 'missed')
        rows.append([item['goal'], (value, 'text'), verdict])
    return [Section('Goals', table(['adaptive fusion', 'measured, points', ''], rows))]


def _methods(document: Document) -> str:
    summary, by_class = document['summary'], document['summary_by_class']
    against = {item['against']: item for item in document['comparisons']['instance']}
    rows = []
    for name in document['methods']:
        value = summary[name]
        versus = against.get(name)
        rows.append(
            [
                method_title(name),
                f'{_percent(value["mean_top1"])} {_interval(value["ci95"])}',
                f'{_points(versus["difference"])} {_interval(versus["ci95"])}' if versus else '',
                f'{versus["p_holm"]:.4f}' if versus else '',
                f'{value["mean_nll"]:.3f}',
                f'{value["mean_brier"]:.3f}',
                _percent(value['mean_ece']),
                f'{value["mean_aurc"]:.3f}',
                f'{_percent(by_class[name]["mean_top1"])} {_interval(by_class[name]["ci95"])}',
            ]
        )
    head = [
        'same instance',
        'top-1, %',
        'adaptive fusion minus it',
        'p (Holm)',
        'NLL',
        'Brier',
        'ECE, %',
        'AURC',
        'any instance: top-1, %',
    ]
    ours = len(rows) - 1 if against else None
    return table(head, rows, ours=ours) + _picture(subset_pictures.method_bars, document)


def _added(document: Document) -> str:
    rows = [
        [
            _subset(row['subset']),
            (sensor_title(row['added']), 'text'),
            _points(row['difference']),
            _interval(row['ci95']),
            f'{row["p_worse"]:.4f}',
            f'{row["p_worse_holm"]:.3f}',
            row['n'],
        ]
        for row in document['added_sensors'][:_WORST]
    ]
    head = ['the ten worst: to', 'add', 'points', '95 %', 'p', 'p (Holm)', 'n']
    method = method_title(document['methods'][-1])
    text = f'{method}, same instance; p: that the sensor does not harm, one-sided.'
    drawn = _picture(subset_pictures.added_sensors, document) if rows else ''
    return drawn + paragraph(text) + table(head, rows)


def _spoilt(document: Document) -> str:
    parts = [
        _picture(trust_pictures.spoilt_sensor, document),
        _picture(trust_pictures.severity_picture, document),
    ]
    found = ''.join(parts)
    return found or paragraph('The embeddings hold no corrupted readings and none of nothing.')


def _trust(document: Document) -> str:
    text = (
        'ECE: expected calibration error. Even a perfect model has one above 0; the band of a '
        'perfect model at the same number of samples stands beside each figure in the JSON file.'
    )
    return (
        _picture(trust_pictures.reliability_diagram, document)
        + paragraph(text)
        + _picture(trust_pictures.risk_coverage_curve, document)
    )


def _nothing(document: Document) -> list[Section]:
    rows = document['nothing_at_all']
    if not rows:
        return []
    sizes = sorted({len(row['subset']) for row in rows})
    lines = []
    for size in sizes:
        own = [row for row in rows if len(row['subset']) == size]
        lines.append(
            [
                size,
                _percent(sum(row['abstained'] for row in own) / len(own)),
                *(
                    _percent(sum(row['below'][name] for row in own) / len(own))
                    for name in document['methods']
                ),
            ]
        )
    head = ['sensors', 'none informative, %', *(method_title(n) for n in document['methods'])]
    text = (
        'All sensors of a subset had nothing to sense. Share of tuples that are not answered: '
        'because no sensor was informative, and, by method, because of the threshold too.'
    )
    return [Section('Nothing to sense at all', paragraph(text) + table(head, lines))]


def _text(document: Document) -> list[Section]:
    rows = document['with_text']
    if not rows:
        text = 'No text encoder of this space was at hand, so subsets with a text are absent.'
        return [Section('With a text', paragraph(text))]
    lines = []
    for name in document['methods']:
        own = [row for row in rows if row['method'] == name]
        alone = [row['top1'] for row in own if len(row['modalities']) == 1]
        more = [row['top1'] for row in own if len(row['modalities']) > 1]
        lines.append(
            [
                method_title(name),
                _percent(sum(alone) / len(alone)) if alone else '',
                _percent(sum(more) / len(more)) if more else '',
            ]
        )
    text = 'A text is nearly the label, so it counts for no headline. Same instance.'
    head = ['method', 'text alone, %', 'text and sensors, mean over subsets, %']
    return [Section('With a text', paragraph(text) + table(head, lines))]


def _picture(draw: Callable[[Document], Figure | None], document: Document) -> str:
    drawn = draw(document)
    if drawn is None:
        return ''
    return image(picture(drawn), (draw.__doc__ or '').partition('\n')[0])


def _subset(names: list[str]) -> str:
    return ' + '.join(sensor_title(name) for name in names)


def _percent(value: float | None) -> str:
    return '' if value is None else f'{100.0 * value:.1f}'


def _points(value: float | None) -> str:
    return '' if value is None else f'{100.0 * value:+.2f}'


def _interval(ends: list[float | None]) -> str:
    if ends[0] is None or ends[1] is None:
        return ''
    return f'[{100.0 * ends[0]:.1f}, {100.0 * ends[1]:.1f}]'
