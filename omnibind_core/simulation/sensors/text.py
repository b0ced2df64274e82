"""Text: what someone might call a thing, or how they would describe it without naming it.

With its noun a caption is built on the catalogue's English name; without, on colours, substances
and size alone, not even on the rest of the name (the rest of ``club chair`` says as much). A
caption is the *instance's* own: it belongs to the fold of its instance. The prompts that stand for
a class at recognition are made from the class's title
(:func:`omnibind_core.modalities.text.prompts`) and never from these, or the name of a held-out
instance would leak. There is no caption of nothing: no reading is made where there is no thing.
"""

from __future__ import annotations

from dataclasses import dataclass
import re
from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.configuration.option import option
from omnibind_core.errors import InputError
from omnibind_core.modalities.text import prompts
from omnibind_core.modalities.text import TextSpecification
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.wording import adjective
from omnibind_core.simulation.wording import colour_words
from omnibind_core.simulation.wording import extent
from omnibind_core.simulation.wording import size_word
from omnibind_core.simulation.wording import spoken
from omnibind_core.simulation.wording import substance_words

if TYPE_CHECKING:
    from omnibind_core.simulation.thing import Thing
    from omnibind_core.simulation.thing import View


@dataclass(frozen=True)
class TextSimulation:
    """Which captions are made."""

    noun: bool = option(True, 'Whether a caption says what the thing is, by its catalogue name.')
    templates: tuple[str, ...] = option(
        ('{}', 'a {}', 'a photo of a {}', 'a picture of a {}', 'this is a {}', 'there is a {}'),
        'Sentences with {} where the description stands; one is drawn.',
    )
    detail: float = option(
        0.5,
        'Probability of each of colour, substance and size to be mentioned beside a noun.',
        minimum=0.0,
        maximum=1.0,
    )

    def __post_init__(self) -> None:
        """Check every template.

        :raises ConfigError: with all problems found.
        """
        TextSpecification(templates=self.templates)


def simulate(
    thing: Thing,
    view: View,
    options: TextSimulation,
    random: np.random.Generator,
    *,
    name: str = '',
    nouns: tuple[str, ...] = (),
) -> Reading:
    """One caption of a thing.

    :param view: not used: people describe the thing, not the picture.
    :param name: the catalogue's English name; needed for captions with a noun.
    :param nouns: words for its class; in captions without a noun none of them is used, not even as
        a substance (``glass``).
    :returns: raw is a str; metadata: whether the noun was said.
    :raises InputError: a noun is wanted and no name given.
    """
    del view
    colours = colour_words(thing.mesh)
    substances = substance_words(thing.mesh, thing.materials)
    said = random.random(4) < options.detail
    template = str(random.choice(list(options.templates)))
    if options.noun:
        if not spoken(name):
            raise InputError('name', repr(name), 'the name of the thing, to say what it is')
        words = [size_word(thing.mesh)] if said[0] else []
        words += [' and '.join(colours)] if said[1] else []
        words += [adjective(substances[0])] if said[2] else []
        # The name may say it already: "white chair", "glass table".
        known = set(spoken(name).lower().split())
        words = [word for word in words if not known & set(word.split())]
        description = ' '.join([*words, spoken(name)])
        description += f', {extent(thing.mesh)}' if said[3] else ''
    else:
        banned = {word.lower() for noun in nouns for word in re.findall(r'\w+', noun)}
        colours = tuple(word for word in colours if word not in banned)
        substances = tuple(word for word in substances if word not in banned)
        size = size_word(thing.mesh)
        looks = ' '.join([size, ' and '.join(colours), 'thing']).replace('  ', ' ')
        made = f' made of {" and ".join(substances)}' if substances else ''
        description = f'{looks}{made}, {extent(thing.mesh)}' if said[3] else f'{looks}{made}'
    (sentence,) = prompts(description, (template,))
    return Reading(sentence, {'noun': int(options.noun)})
