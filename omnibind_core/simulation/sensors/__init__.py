"""The sensors: one module each, what it would give of a thing and of nothing.

Each has a frozen class of options, ``simulate(thing, view, options, random) -> Reading`` and, but
for text, ``nothing(options, random) -> Reading``. A reading's ``raw`` is what the modality's own
preprocessing takes. All chance comes from ``random``: the same state gives the same bytes. No
sensor is told the class of what it senses.
"""
