"""Which substance a modeller's name speaks of: ``blackPlastic``, ``fusta_taula``, ``METAL_chrome``.

Only words that name a *substance* count. ``leaves``, ``cushion``, ``tire`` or ``mirror`` say what a
thing is or which part of it: they would tell the class, not the material.
"""

from __future__ import annotations

from collections.abc import Mapping
import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Whole words, in the languages that occur among the models (English, Spanish, Catalan, Portuguese,
# French, German, Italian, Czech, Swedish).
_WORDS: Mapping[str, frozenset[str]] = {
    'wood': _words(
        'oak pine teak theca bois holz legno mdf cork bamboo rattan wicker walnut wenge venge '
        'alder beech plywood mahagoni mahogany mohogany conglomerado klavierlack particle'
    ),
    'steel': _words(
        'iron inox gold golden silver brass bronze copper hierro acero kov plata argent zinc'
    ),
    'aluminium': _words('alu alum alumain duralumin'),
    'glass': _words('cristal cristales vidro vidre verre glas pyrex vidrio'),
    'ceramic': _words('fayence faiance clay'),
    'stone': _words('slate concrete bricks brick piedras piedra rock grafit'),
    'plastic': _words('pvc plexi acrylic vinyl nylon bakelite polyester resin perspex'),
    'rubber': _words('latex silicone'),
    'leather': _words('cuir cuero suede doeskintexture'),
    'fabric': _words('tela telas tecido felt velvet wool cotton linen denim stoff tkan'),
    'foam': _words('esponja sponge'),
    'paper': _words('carton papier cartulina'),
}
# Parts of words, for names written together ('blackplastic', 'metalGrey', 'whitewood'); none occurs
# in another word of the names that were read.
_STEMS: Mapping[str, tuple[str, ...]] = {
    'wood': (
        'wood',
        'madera',
        'madeira',
        'fusta',
    ),
    'steel': (
        'chrom',
        'steel',
        'krome',
        'cromo',
        'cromado',
        'stainl',
    ),
    'aluminium': (
        'alumin',
        'allumin',
    ),
    'glass': ('glass',),
    'ceramic': (
        'ceramic',
        'porcelain',
        'crockery',
        'pottery',
        'terracotta',
    ),
    'stone': (
        'marble',
        'marmol',
        'granite',
        'stone',
    ),
    'plastic': (
        'plast',
        'lastic',
        'pastic',
    ),
    'rubber': ('rubber',),
    'leather': ('leather',),
    'fabric': (
        'fabric',
        'textile',
        'cloth',
    ),
    'foam': ('foam',),
    'paper': (
        'paper',
        'cardboard',
    ),
}


def named_material(name: str) -> str | None:
    """Which of :data:`MATERIALS` a name speaks of; the first word that names a substance decides.

    ``metal`` alone is taken for steel, the usual metal of a household.

    :returns: the material's name, or ``None`` where the name says nothing of the substance.
    """
    text = _separated(name)
    places: list[tuple[int, str]] = []
    for match in re.finditer(r'[^\W\d_]+', text):
        places += [(match.start(), item) for item, words in _WORDS.items() if match[0] in words]
    for item, stems in _STEMS.items():
        places += [(text.find(stem), item) for stem in stems if stem in text]
    if places:
        return min(places)[1]
    return 'steel' if 'metal' in text else None


def _separated(name: str) -> str:
    """Lower case, words parted where a capital begins one: ``metalChrome`` to ``metal chrome``."""
    stem = re.sub(r'\.(jpe?g|png|tga|bmp|gif)\b', '', name, flags=re.IGNORECASE)
    return re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', stem).lower()
