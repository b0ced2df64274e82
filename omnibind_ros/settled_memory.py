"""What the garbage collector need not look at again.

A full collection looks at every object of the process. With a node's libraries loaded that takes
some 30 ms, in which no vector is taken and nothing is recognised, whenever it happens to come. What
is loaded once a node is active stays, and is left out from then on.
"""

from __future__ import annotations

import gc


def settle() -> None:
    """Leave out everything that lives now; what an earlier call left out is looked at once more."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
