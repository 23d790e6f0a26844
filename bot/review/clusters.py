"""Clusters: vectors that belong together, by average linkage.

Nearest-neighbour chains (Murtagh 1983) find the merges in O(n²) time; those below a similarity are
not made. Vectors are of length one, so a product is a cosine.
"""

import numpy as np
import numpy.typing as npt


def clusters(vectors: npt.NDArray[np.float32], threshold: float) -> list[list[int]]:
    """Groups of row numbers, the largest first, whose mean cosine is at least `threshold`."""
    count = len(vectors)
    near = vectors @ vectors.T
    np.fill_diagonal(near, -np.inf)
    sizes = np.ones(count, np.float32)
    members: list[list[int]] = [[row] for row in range(count)]
    active = np.ones(count, bool)
    chain: list[int] = []
    while active.any():
        if not chain:
            chain.append(int(np.flatnonzero(active)[0]))
        last = chain[-1]
        row = np.where(active, near[last], -np.inf)
        best = int(np.argmax(row))
        if len(chain) > 1 and row[chain[-2]] >= row[best]:
            best = chain[-2]
        if not np.isfinite(row[best]) or row[best] < threshold:
            # Nothing is near enough to the end of the chain, nor will it be.
            active[last] = False
            chain.pop()
        elif len(chain) > 1 and best == chain[-2]:
            del chain[-2:]
            _merge(near, sizes, members, active, last, best)
        else:
            chain.append(best)
    return sorted((group for group in members if group), key=lambda group: (-len(group), group[0]))


def _merge(
    near: npt.NDArray[np.float32],
    sizes: npt.NDArray[np.float32],
    members: list[list[int]],
    active: npt.NDArray[np.bool_],
    one: int,
    other: int,
) -> None:
    """Make one cluster of two; its similarity to a third is the mean over their members."""
    mean = (sizes[one] * near[one] + sizes[other] * near[other]) / (sizes[one] + sizes[other])
    near[one], near[:, one] = mean, mean
    near[one, one] = -np.inf
    sizes[one] += sizes[other]
    members[one] = sorted(members[one] + members[other])
    members[other] = []
    active[other] = False
