"""The catalogue of household models: what each library says of its models.

Source: the Sweet Home 3D furniture libraries (``.sh3f``), zips with a Java properties file
``PluginFurnitureCatalog.properties`` (keys ``name#17=...``) and translations of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
import difflib
from pathlib import Path
import re

from omnibind_core.simulation.errors import CatalogueError
from omnibind_core.simulation.errors import ModelSourceError
from omnibind_core.simulation.model_archive import ModelArchive
from omnibind_core.simulation.properties_file import numbered
from omnibind_core.simulation.properties_file import read_properties

LIBRARIES = ('BlendSwap-CC-0', 'BlendSwap-CC-BY', 'KatorLegaz', 'Reallusion', 'Scopia')
"""Names of the libraries of the Debian package, without ``.sh3f``."""

_BASE = 'PluginFurnitureCatalog'
_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_LICENCE_LIMIT = 256 * 1024
_MOST_METRES = 1000.0


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue.

    :param model_id: stable, lower_snake_case: the library and the model's own id.
    :param library: library's name, ``Scopia``.
    :param name: English name.
    :param names: name by language code (``en``, ``de``, ``zh_CN``, ...).
    :param tags: English search words.
    :param category: the catalogue's own coarse category.
    :param size: width, depth, height in metres.
    :param rotation: row-major 3 x 3, applied to the mesh (y up) before it is scaled to size.
    :param creator: whom to credit.
    :param licence: SPDX identifier.
    :param mesh: member of the archive that holds the OBJ.
    :param icon: member that holds a small picture of it, or ``''``.
    """

    model_id: str
    library: str
    name: str
    names: Mapping[str, str]
    tags: tuple[str, ...]
    category: str
    size: tuple[float, float, float]
    rotation: tuple[float, ...]
    creator: str
    licence: str
    mesh: str
    icon: str


@dataclass(frozen=True)
class Library:
    """One library: where its models come from and under which terms.

    :param name: file name without ``.sh3f``.
    :param title: what it calls itself.
    :param version: its version.
    :param licence: the terms, as it states them.
    :param path: the archive.
    """

    name: str
    title: str
    version: str
    licence: str
    path: Path


@dataclass(frozen=True)
class Catalogue:
    """All models of all libraries, in a fixed order.

    :param libraries: by name.
    :param models: by model id.
    """

    libraries: Mapping[str, Library]
    models: Mapping[str, Model] = field(repr=False)

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models.values())

    def __len__(self) -> int:
        return len(self.models)

    def model(self, model_id: str) -> Model:
        """The model of this id.

        :raises CatalogueError: there is none; names the nearest.
        """
        found = self.models.get(model_id)
        if found is None:
            near = difflib.get_close_matches(model_id, self.models, n=1)
            hint = f'; nearest is {near[0]!r}' if near else ''
            raise CatalogueError(f'the catalogue has no model {model_id!r}{hint}')
        return found

    def open(self, library: str) -> ModelArchive:
        """The archive of a library, open for reading."""
        return ModelArchive(self.libraries[library].path)


def read_catalogue(folder: Path, libraries: tuple[str, ...] = LIBRARIES) -> Catalogue:
    """Read the libraries of a folder.

    :param folder: holds the ``.sh3f`` files.
    :param libraries: which, in this order.
    :raises ModelSourceError: the folder or an archive is missing or damaged.
    :raises CatalogueError: a catalogue is malformed, or two models have one id or one mesh.
    """
    if not folder.is_dir():
        raise ModelSourceError(f'{folder} is no folder; fetch the household models first')
    found: dict[str, Library] = {}
    models: dict[str, Model] = {}
    meshes: dict[tuple[str, str], str] = {}
    for name in libraries:
        with ModelArchive(folder / f'{name}.sh3f') as archive:
            library, items = _read_library(name, archive)
        found[name] = library
        for item in items:
            if item.model_id in models:
                raise CatalogueError(f'{name}: two models have the id {item.model_id!r}')
            other = meshes.setdefault((name, item.mesh), item.model_id)
            if other != item.model_id:
                raise CatalogueError(
                    f'{name}: {other} and {item.model_id} name the same mesh {item.mesh}'
                )
            models[item.model_id] = item
    return Catalogue(found, models)


def snake_case(text: str) -> str:
    """A name as an identifier: ``JapaneseLantern`` and ``12-oz-glass`` become lower_snake_case."""
    parts = re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', text)
    return re.sub(r'[^a-z0-9]+', '_', parts.lower()).strip('_')


def spdx(licence: str) -> str:
    """SPDX identifier of a licence as a library words it.

    :raises CatalogueError: not one of the licences that were read and found acceptable.
    """
    text = ' '.join(licence.lower().split())
    if 'attribution 3.0 united states' in text:
        return 'CC-BY-3.0-US'
    if 'attribution 3.0' in text:
        return 'CC-BY-3.0'
    if 'public domain' in text or 'creative commons zero' in text:
        return 'CC0-1.0'
    raise CatalogueError(f'unknown licence {licence[:80]!r}; read it before using these models')


def _read_library(name: str, archive: ModelArchive) -> tuple[Library, list[Model]]:
    main = read_properties(archive.read(f'{_BASE}.properties'), f'{name}/{_BASE}.properties')
    library = Library(
        name=name,
        title=main.get('name', name),
        version=main.get('version', ''),
        licence=main.get('license', ''),
        path=archive.path,
    )
    translated = _translations(name, archive)
    own_terms = _terms_by_folder(archive)
    default = spdx(library.licence)
    models = []
    for index, entry in sorted(numbered(main, name).items()):
        names = {'en': entry.get('name', '')}
        names.update(
            (language, texts[index]['name'])
            for language, texts in sorted(translated.items())
            if texts.get(index, {}).get('name')
        )
        models.append(_model(name, index, entry, names, default, own_terms))
    return library, models


def _model(
    library: str,
    index: int,
    entry: Mapping[str, str],
    names: Mapping[str, str],
    licence: str,
    own_terms: Mapping[str, str],
) -> Model:
    where = f'{library} model #{index}'
    for key in ('id', 'name', 'model'):
        if not entry.get(key):
            raise CatalogueError(f'{where}: key {key!r} is missing')
    mesh = entry['model'].lstrip('/')
    folder = mesh.rpartition('/')[0]
    rotation = _numbers(entry.get('modelRotation', ''), where, 'modelRotation')
    if rotation and len(rotation) != 9:
        raise CatalogueError(f'{where}: modelRotation has {len(rotation)} numbers, not 9')
    return Model(
        model_id=f'{snake_case(library)}_{snake_case(entry["id"].partition("#")[2])}',
        library=library,
        name=entry['name'],
        names=names,
        tags=tuple(tag.strip() for tag in entry.get('tags', '').split(',') if tag.strip()),
        category=entry.get('category', ''),
        size=(
            _metres(entry, 'width', where),
            _metres(entry, 'depth', where),
            _metres(entry, 'height', where),
        ),
        rotation=rotation or _IDENTITY,
        creator=entry.get('creator', ''),
        # A model's own licence file asks for more than the library says in a few cases.
        licence=own_terms.get(folder, licence) if licence == 'CC0-1.0' else licence,
        mesh=mesh,
        icon=entry.get('icon', '').lstrip('/'),
    )


def _metres(entry: Mapping[str, str], key: str, where: str) -> float:
    values = _numbers(entry.get(key, ''), where, key)
    if len(values) != 1 or not 0.0 < values[0] / 100.0 <= _MOST_METRES:
        raise CatalogueError(
            f'{where}: {key} is {entry.get(key, "")!r}, not a length in centimetres'
        )
    return values[0] / 100.0


def _numbers(text: str, where: str, key: str) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split())
    except ValueError:
        raise CatalogueError(f'{where}: {key} is {text[:80]!r}, not numbers') from None
    if not all(abs(value) < 1e9 for value in values):
        raise CatalogueError(f'{where}: {key} is {text[:80]!r}, not finite')
    return values


def _translations(name: str, archive: ModelArchive) -> dict[str, dict[int, dict[str, str]]]:
    found = {}
    for member in archive.members():
        match = re.fullmatch(rf'{_BASE}_([a-z]{{2}}(?:_[A-Z]{{2}})?)\.properties', member)
        if match:
            texts = read_properties(archive.read(member), f'{name}/{member}')
            found[match[1]] = numbered(texts, name)
    return found


def _terms_by_folder(archive: ModelArchive) -> dict[str, str]:
    """SPDX identifier by folder, where a model's own licence file demands attribution."""
    found = {}
    for member in archive.members():
        folder, _, file = member.rpartition('/')
        if folder and re.search(r'licen[sc]e', file, re.IGNORECASE):
            text = archive.read(member, _LICENCE_LIMIT).decode('latin-1')
            words = ' '.join(re.sub(r'<[^>]*>', ' ', text).lower().split())
            if 'released under creative commons attribution 3.0' in words:
                found[folder] = 'CC-BY-3.0'
    return found
