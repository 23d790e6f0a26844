"""LoRA on this machine: a tiny model with random weights learns, and its adapter can be used."""

import asyncio
import importlib.util
import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from bot.voice.dataset.building import build
from ingest.database import open_pool
from tests.integration.command import Command
from tests.integration.reviewed import amended

EXTRA = ("torch", "transformers", "peft")
THERE = all(importlib.util.find_spec(name) for name in EXTRA)
REQUIRED = bool(os.environ.get("REQUIRE_TRAIN_EXTRA"))
TRAIN = ("voice", "train", "warm", "--backend", "local", "--despite", "a test")

pytestmark = [
    pytest.mark.skipif(not THERE and not REQUIRED, reason="the extra `train` is not installed"),
    pytest.mark.filterwarnings("ignore"),  # theirs
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of a language model with two layers and random weights."""
    import torch  # noqa: PLC0415 - gigabytes
    import transformers  # noqa: PLC0415
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: PLC0415

    torch.manual_seed(0)
    folder = tmp_path / "base"
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(special_tokens=["<end>"], initial_alphabet=letters)
    bare.train_from_iterator(["Happy to help with your question!"], trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bare, eos_token="<end>", pad_token="<end>"
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4_096,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def dataset_of(sample_url: str) -> None:
    async def prepare() -> None:
        async with open_pool(sample_url) as opened:
            await amended(opened, 24)
            await build(opened, "Be warm.", "base", None, "anna")

    asyncio.run(prepare())


def test_a_tiny_model_is_trained_and_its_adapter_speaks(
    sample_url: str, base: Path, footnote: Command
) -> None:
    from bot.voice.training import lora  # noqa: PLC0415 - gigabytes

    dataset_of(sample_url)
    words = (*TRAIN, "--model", str(base))

    ended = footnote(*words, "--epochs", "4", DATABASE_URL=sample_url)

    assert ended.code == 0, ended.err
    run = one_run(footnote, sample_url)
    losses = [each["loss"] for each in run["checkpoints"]]
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    assert [event["step"] for event in run["events"]] == list(range(1, len(run["events"]) + 1))
    adapter = Path("adapters").absolute() / "warm-1"
    assert (adapter / "adapter_config.json").is_file()
    messages = [{"role": "user", "content": "1. Refunds take 5 days."}]
    assert isinstance(lora.generate(base, adapter, messages, tokens=8), str)
    command = shlex.split(ended.out.splitlines()[1].partition("with: ")[2])
    assert command == [
        *("vllm", "serve", str(base), "--enable-lora", "--max-lora-rank", "16"),
        *("--lora-modules", f"warm={adapter}"),
    ]
    shown = json.loads(footnote("voice", "show", "warm", "--json", DATABASE_URL=sample_url).out)
    assert shown["definition"]["base_url"] == "http://127.0.0.1:8000/v1"
    assert (shown["kind"], shown["model"]) == ("tuned", "warm")


def test_a_training_that_was_stopped_goes_on_after_its_last_epoch(
    base: Path, tmp_path: Path
) -> None:
    from bot.voice.training import lora  # noqa: PLC0415 - gigabytes

    turns = ["system", "user", "assistant"]
    line = json.dumps({"messages": [{"role": role, "content": f"Be {role}."} for role in turns]})
    plan = lora.Plan(base, tmp_path / "adapter", f"{line}\n" * 8, epochs=3)
    steps: list[int] = []

    stopped = lora.train(plan, lambda done, *_: steps.append(done), lambda: len(steps) == 3)
    whole = lora.train(plan, lambda done, *_: steps.append(done), lambda: False)

    assert (len(stopped), len(whole)) == (1, 3)
    assert whole[:1] == stopped
    assert steps == [1, 2, 3, 3, 4, 5, 6]


def test_what_is_no_base_model_is_said(sample_url: str, footnote: Command) -> None:
    dataset_of(sample_url)
    words = (*TRAIN, "--model", "nowhere")
    ended = footnote(*words, DATABASE_URL=sample_url)
    ended.assert_ended("nowhere is no folder of a base model")
    Path("nowhere").mkdir()
    Path("nowhere/config.json").write_text("{}", encoding="utf-8")
    ended = footnote(*words, DATABASE_URL=sample_url)
    ended.assert_ended("The training failed: ")


def one_run(footnote: Command, url: str) -> dict[str, Any]:
    (run,) = json.loads(footnote("voice", "runs", "1", "--json", DATABASE_URL=url).out)
    assert isinstance(run, dict)
    return run
