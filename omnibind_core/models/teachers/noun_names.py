"""The 1000 names that a classifier trained on ImageNet knows, in the order of its outputs."""

from __future__ import annotations

from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.models.teachers.package_files import package_file

PACKAGE = 'timm'
_SYNSETS = 'data/_info/imagenet_synsets.txt'
_LEMMAS = 'data/_info/imagenet_synset_to_lemma.txt'
COUNT = 1000


def imagenet_nouns() -> tuple[str, ...]:
    """The first lemma of each of ImageNet's 1000 synsets (WordNet), in logit order.

    Out of two text files of the package ``timm``, which is not imported.

    :raises UnavailableError: timm is not installed.
    :raises TeacherError: the files are missing or not what they were.
    """
    synsets = package_file('timm', PACKAGE, _SYNSETS).decode('utf-8', 'replace').split()
    lemmas = package_file('timm', PACKAGE, _LEMMAS).decode('utf-8', 'replace')
    return parse_nouns(synsets, lemmas)


def parse_nouns(synsets: list[str], lemmas: str) -> tuple[str, ...]:
    """As :func:`imagenet_nouns`, from the files' contents.

    :param synsets: ids in logit order.
    :param lemmas: lines of id, tab, and names with commas between.
    :raises TeacherError: not 1000 different ids, or one without a name.
    """
    if len(synsets) != COUNT or len(set(synsets)) != COUNT:
        raise TeacherError(
            f'{PACKAGE}: {_SYNSETS} lists {len(set(synsets))} synsets, not {COUNT} different ones'
        )
    names = {}
    for line in lemmas.splitlines():
        synset, _, rest = line.partition('\t')
        names[synset] = rest.split(',')[0].strip()
    missing = [synset for synset in synsets if not names.get(synset)]
    if missing:
        raise TeacherError(f'{PACKAGE}: {_LEMMAS} has no name for {missing[0]!r}')
    return tuple(names[synset] for synset in synsets)
