"""Trains an adapter further on what people preferred, with TRL's DPO or KTO.

It follows the training on the rows (SFT) and goes on with the same weights. How probable the
answers were before is computed once, at the beginning, so that no second model is in memory.
"""

import math
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerFast
from transformers.trainer_callback import PrinterCallback
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DataCollatorForPreference, DPOTrainer
from trl.trainer.kto_config import KTOConfig
from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference, KTOTrainer

from domain.errors import TrainingFailed
from serving.models import computes_bfloat16
from training.checkpoints import Checkpoints, last_complete
from training.listening import Steps
from training.memory import must_recompute
from training.preference_rows import Preferences, balanced, enough, in_words
from training.recipe import Recipe
from training.rows import Row, tokenised
from training.trainer import Stored
from training.unfinished import CHECKPOINTS

STEP = 4
"""So many pairs, or answers, make a step. KTO compares each answer with another prompt of its step.
"""

BETA = 0.1
"""How strongly the adapter is kept near what it was before: TRL's default, and the papers'."""

SLOWER = 0.1
"""The learning rate, as a share of the one before: the adapter has learned what it should say.

It is a choice, not a measured best: docs/training.md says how far 15 steps of it moved SmolLM2."""

_FOLDER = "preferences"


class _Reference(Stored):
    """Rows that are tokenised already; their reference is kept with them.

    TRL would write it to a folder for temporary files, and draw a bar.
    """

    columns: tuple[str, str]

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset

    def _precompute_ref_logps(self, dataset: Dataset, _name: str, size: int) -> Dataset:
        rows = list(dataset)
        found = [
            self.compute_ref_log_probs(
                self.model, self._prepare_inputs(self.data_collator(rows[n : n + size]))
            )
            for n in range(0, len(rows), size)
        ]
        for column, parts in zip(self.columns, zip(*found, strict=True), strict=True):
            dataset = dataset.add_column(column, torch.cat(parts).tolist())
        return dataset


class PairTrainer(_Reference, DPOTrainer):  # type: ignore[misc]
    columns = ("ref_chosen_logps", "ref_rejected_logps")


class ThumbTrainer(_Reference, KTOTrainer):  # type: ignore[misc]
    columns = ("ref_logps", "ref_KL_logps")


def prefer(
    model: Any,
    tokenizer: PreTrainedTokenizerFast,
    stops: Sequence[int],
    found: Preferences,
    recipe: Recipe,
    folder: Path,
    listener: Steps,
) -> str:
    """Trains the adapter of ``model`` on the preferences, and says for people what it did.

    If there are too few that are short enough, it does nothing. ``folder`` is the adapter's; a
    checkpoint of this stage in it goes on. Raises TrainingFailed if the loss is not a number.
    """
    good, bad = _tokenised(found, tokenizer, stops, recipe.max_length)
    told = in_words(found.method, len(good), len(bad))
    if not enough(len(good), len(bad)):
        return told
    output = folder / CHECKPOINTS / _FOLDER
    output.mkdir(exist_ok=True)
    killed = last_complete(output)
    listener.stage = "Preferences"
    began = perf_counter()
    trainer = _trainer(model, tokenizer, (good, bad), recipe, output, listener)
    trainer.train(resume_from_checkpoint=str(killed) if killed else None)
    logs = [log for log in trainer.state.log_history if "loss" in log]
    if not all(math.isfinite(log["loss"]) for log in logs):
        raise TrainingFailed("The loss of the preferences was not a number: set them to off.")
    margins = [log["rewards/margins"] / BETA for log in logs if "rewards/margins" in log]
    gained = f"; the good ones gained {margins[-1]:+.2f} in log-probability" if margins else ""
    return f"{told}, {len(logs)} steps in {perf_counter() - began:.0f} s{gained}"


def _tokenised(
    found: Preferences, tokenizer: PreTrainedTokenizerFast, stops: Sequence[int], longest: int
) -> tuple[list[Row], list[Row]]:
    """The good and the bad answers that fit; of a pair both, or none."""
    good, bad = (
        [tokenised(row, tokenizer, stops) for row in side] for side in (found.good, found.bad)
    )
    if found.method == "dpo":
        pairs = [pair for pair in zip(good, bad, strict=True) if _fits(longest, *pair)]
        return [one for one, _ in pairs], [one for _, one in pairs]
    return [one for one in good if _fits(longest, one)], [one for one in bad if _fits(longest, one)]


def _fits(longest: int, *rows: Row) -> bool:
    return all(len(row.ids) <= longest for row in rows)


def _trainer(
    model: Any,
    tokenizer: PreTrainedTokenizerFast,
    sides: tuple[list[Row], list[Row]],
    recipe: Recipe,
    output: Path,
    listener: Steps,
) -> Any:
    on_gpu = model.device.type == "cuda"
    narrow = computes_bfloat16(model.device.type)
    good, bad = sides
    is_dpo = recipe.preferences == "dpo"
    # KTO needs several answers at once; of DPO's pairs one at a time takes the least memory.
    together = STEP if on_gpu or not is_dpo else 1
    for_good, for_bad = balanced(len(good), len(bad))
    own: dict[str, Any] = (
        {}
        if is_dpo
        else {
            "train_sampling_strategy": "sequential",
            "dataloader_drop_last": True,  # a single answer has no other to be compared with
            "desirable_weight": for_good,
            "undesirable_weight": for_bad,
        }
    )
    made, config, collator = (
        (PairTrainer, DPOConfig, DataCollatorForPreference)
        if is_dpo
        else (ThumbTrainer, KTOConfig, DataCollatorForUnpairedPreference)
    )
    trainer = made(
        model=model,
        args=config(
            output_dir=str(output),
            per_device_train_batch_size=together,
            gradient_accumulation_steps=STEP // together,
            precompute_ref_log_probs=True,
            beta=BETA,
            learning_rate=SLOWER * recipe.rate(model.get_base_model().num_parameters()),
            num_train_epochs=1,
            warmup_steps=recipe.warmup,
            lr_scheduler_type="cosine",
            max_grad_norm=1.0,
            bf16=narrow,
            use_cpu=not on_gpu,
            activation_checkpointing=_recomputes(model, [*good, *bad], recipe, 2 * together),
            max_length=None,
            seed=recipe.seed,
            logging_steps=1,
            logging_nan_inf_filter=False,
            save_total_limit=2,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=on_gpu,
            **own,
        ),
        data_collator=collator(pad_token_id=0, pad_to_multiple_of=64),
        train_dataset=_pairs(good, bad) if is_dpo else _thumbs(good, bad, together),
        processing_class=tokenizer,
        callbacks=[listener, Checkpoints()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.model.delete_adapter("ref")  # what it says of the rows is kept with them
    if not narrow:  # TRL makes a quantised model's adapter bfloat16, on every processor
        for weight in trainer.model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
    return trainer


def _recomputes(model: Any, rows: Sequence[Row], recipe: Recipe, together: int) -> bool:
    if recipe.recomputes is not None:
        return recipe.recomputes
    most = together * max(len(row.ids) for row in rows)
    return must_recompute(model, recipe, most)


def _pairs(good: Sequence[Row], bad: Sequence[Row]) -> Dataset:
    return Dataset.from_list(
        [
            {
                "prompt_ids": list(one.ids[: one.start]),
                "chosen_ids": list(one.ids[one.start :]),
                "rejected_ids": list(other.ids[other.start :]),
            }
            for one, other in zip(good, bad, strict=True)
        ]
    )


def _thumbs(good: Sequence[Row], bad: Sequence[Row], together: int) -> Dataset:
    """All answers, mixed; each with another's of those that are computed ``together``."""
    mixed = sorted(
        [(row, True) for row in good] + [(row, False) for row in bad],
        key=lambda one: sha256(repr(one[0].ids).encode()).digest(),
    )
    rows = [
        {
            "prompt_ids": list(row.ids[: row.start]),
            "completion_ids": list(row.ids[row.start :]),
            "label": is_good,
        }
        for row, is_good in mixed
    ]
    for n, row in enumerate(rows):
        first = n - n % together
        some = rows[first : first + together]
        row["KL_completion_ids"] = some[(n - first) - 1]["completion_ids"]
    return Dataset.from_list(rows)
