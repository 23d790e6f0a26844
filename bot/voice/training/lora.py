"""LoRA: the arithmetic of training an adapter with torch, transformers and peft, on any machine.

Low-rank adaptation (Hu et al., 2021): the base model stays as it is, and small matrices beside its
layers learn. Only what the voice says counts for the loss, not what it is asked.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peft
import torch
import transformers

RANK = 16
ALPHA = 32
LEARNING_RATE = 2e-4
BATCH = 4
LONGEST = 2_048  # tokens of an example
_IGNORED = -100  # torch's mark for what has no part in the loss
_STATE = "footnote-training.json"

# Is told of each step: how many are done, how many there are, the loss.
Stepping = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids, and where what the voice says begins."""

    ids: list[int]
    begins: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained on what, and where it is put."""

    base: Path
    adapter: Path
    lines: str
    epochs: int
    learning_rate: float = LEARNING_RATE
    seed: int = 7


def train(plan: Plan, stepped: Stepping, stopped: Callable[[], bool]) -> list[float]:
    """Train an adapter into its folder; the mean loss of each epoch.

    After each epoch it is saved, and a training that was stopped goes on from there.
    """
    torch.manual_seed(plan.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(plan.base, local_files_only=True)
    examples = [_example(tokenizer, line) for line in plan.lines.splitlines()]
    done, losses = _resumed(plan.adapter)
    model = _model(plan.base, plan.adapter if done else None)
    optimizer = torch.optim.AdamW(
        (each for each in model.parameters() if each.requires_grad), lr=plan.learning_rate
    )
    batches = -(-len(examples) // BATCH)
    model.train()
    for epoch in range(done, plan.epochs):
        total = 0.0
        for at, batch in enumerate(_batches(examples, plan.seed + epoch), start=1):
            if stopped():
                return losses
            loss = model(**_padded(batch, _padding(tokenizer))).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            total += float(loss)
            stepped(epoch * batches + at, plan.epochs * batches, float(loss))
        losses.append(total / batches)
        model.save_pretrained(plan.adapter)
        tokenizer.save_pretrained(plan.adapter)
        state = {"epochs": epoch + 1, "losses": losses}
        (plan.adapter / _STATE).write_text(json.dumps(state), encoding="utf-8")
    return losses


def generate(base: Path, adapter: Path, messages: list[dict[str, str]], tokens: int) -> str:
    """What the base model says with an adapter, so many tokens at most."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(adapter, local_files_only=True)
    model = peft.PeftModel.from_pretrained(_base(base), adapter)
    ids = torch.tensor([_asked(tokenizer, messages)])
    said = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=tokens,
        do_sample=False,
        pad_token_id=_padding(tokenizer),
    )
    return str(tokenizer.decode(said[0][ids.shape[1] :], skip_special_tokens=True))


def _base(folder: Path) -> Any:
    return transformers.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)


def _model(base: Path, adapter: Path | None) -> Any:
    if adapter is not None:
        return peft.PeftModel.from_pretrained(_base(base), adapter, is_trainable=True)
    config = peft.LoraConfig(
        r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules="all-linear",
        task_type="CAUSAL_LM",
    )  # fmt: skip
    return peft.get_peft_model(_base(base), config)


def _resumed(adapter: Path) -> tuple[int, list[float]]:
    file = adapter / _STATE
    if not file.is_file():
        return 0, []
    state = json.loads(file.read_text(encoding="utf-8"))
    return int(state["epochs"]), list(state["losses"])


def _example(tokenizer: Any, line: str) -> Example:
    *asked, said = json.loads(line)["messages"]
    before = _asked(tokenizer, asked)
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    after = tokenizer.encode(said["content"], add_special_tokens=False) + end
    return Example((before + after)[:LONGEST], len(before))


def _asked(tokenizer: Any, messages: list[dict[str, str]]) -> list[int]:
    """The prompt in the base model's own form, or in a plain one where it has none."""
    if tokenizer.chat_template:
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    else:
        turns = "".join(f"{each['role']}: {each['content']}\n" for each in messages)
        text = f"{turns}assistant: "
    return list(tokenizer.encode(text, add_special_tokens=False))


def _padding(tokenizer: Any) -> int:
    return int(tokenizer.pad_token_id or tokenizer.eos_token_id or 0)


def _batches(examples: list[Example], seed: int) -> Iterator[list[Example]]:
    shuffled = random.Random(seed).sample(examples, len(examples))  # noqa: S311 - an order
    for at in range(0, len(shuffled), BATCH):
        yield shuffled[at : at + BATCH]


def _padded(batch: list[Example], padding: int) -> dict[str, Any]:
    width = max(len(each.ids) for each in batch)
    rows, labels, seen = [], [], []
    for each in batch:
        gap = width - len(each.ids)
        rows.append(each.ids + [padding] * gap)
        said = each.ids[each.begins :]
        labels.append([_IGNORED] * (len(each.ids) - len(said)) + said + [_IGNORED] * gap)
        seen.append([1] * len(each.ids) + [0] * gap)
    return {
        "input_ids": torch.tensor(rows),
        "labels": torch.tensor(labels),
        "attention_mask": torch.tensor(seen),
    }
