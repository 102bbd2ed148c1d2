"""Trains a LoRA adapter with TRL (LoRA or QLoRA) and writes its files.

Training always begins with new weights or with those of the starter adapter, never with another
night's. The loss counts the answer's tokens only, and each row counts by its weight, whether its
answer is short or long.
"""

import gc
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from time import perf_counter
from typing import Any

import torch
from peft import LoraConfig
from peft.helpers import disable_input_dtype_casting
from transformers import (
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    TrainerCallback,
)
from transformers.trainer_callback import PrinterCallback
from trl.trainer.sft_config import SFTConfig

from domain.adapters import Example
from domain.errors import DatasetInvalid, TrainingFailed
from serving.models import ModelFiles, computes_bfloat16, load, stop_tokens
from training.attention import within_rows
from training.beginning import begin_with
from training.checkpoints import Checkpoints, key_of, prepare, saving, step_of
from training.early_stop import LOOKS, PATIENCE, set_aside
from training.listening import Steps, failures, quiet
from training.memory import give_back_if_short, most_at_once, must_recompute
from training.packing import Packer, most_alike
from training.precision import narrow, suits_qlora
from training.preference_rows import preferences
from training.preferences import prefer
from training.progress import ProgressListener, ignore
from training.recipe import Recipe
from training.rows import Row, as_features, dataset, fitting
from training.steps import in_steps
from training.trainer import AnswerTrainer
from training.unfinished import CHECKPOINTS
from training.workers import whole_weights, workers


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training did. ``dropped`` rows were too long; ``tokens`` counts the rows' own, in all
    epochs, also those that several rows have in common and that are computed once.

    If it went on where a killed one had got to, that was step ``resumed_at``, and ``tokens`` and
    ``seconds`` are those since; ``losses`` are those of all steps, ``watched`` those of the rows
    that were set aside for an early stop. ``preferences`` says what was done with people's
    preferences, for people; empty if they are off.
    """

    rows: int
    tokens: int
    losses: tuple[float, ...]
    dropped: int = 0
    trainable: int = 0
    seconds: float = 0.0
    resumed_at: int = 0
    watched: tuple[float, ...] = ()
    preferences: str = ""

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0


def train(
    examples: Sequence[Example],
    recipe: Recipe,
    base: ModelFiles,
    folder: Path,
    progress: ProgressListener = ignore,
    starter: Path | None = None,
    saved: Callable[[Path], None] = lambda _: None,
    sharded: bool = False,
) -> Trained:
    """Trains an adapter and writes its files into ``folder``, which must exist.

    ``starter`` is the folder of the adapter to begin with; None for new weights. If ``folder``
    contains a checkpoint of the same training, it goes on from there.

    ``progress`` is called after each step; if it raises an error, the training ends with that.
    ``saved`` is called with the folder of the checkpoints when there is a new one. If several
    processes run this together, each computes its share of every step's rows, and writes the same
    files; a step's rows must be a multiple of them. ``sharded``: each process keeps a part of the
    base, and gets the layer that it computes from the others; there are no checkpoints then.
    Raises DatasetInvalid if every row is too long, and TrainingFailed if the trainer fails.
    """
    listener = Steps(progress)
    recipe = suited(recipe, base)
    with failures(listener), quiet():
        with saving():
            begins_with = starter.name if starter else ""
            killed = prepare(folder, key_of(examples, recipe, base.path, begins_with))
        model, tokenizer = load(base, quantised=bool(recipe.quantised), sharded=sharded)
        if not recipe.quantised and not sharded and computes_bfloat16(model.device.type):
            narrow(model)
        kept, aside = set_aside(examples) if recipe.early_stop else (examples, [])
        rows, watched = (
            fitting(some, tokenizer, stop_tokens(model, tokenizer), recipe.max_length)
            for some in (kept, aside)
        )
        if not rows:
            raise DatasetInvalid(
                f"No example fits into {recipe.max_length} tokens: raise PHI3_PROMPT_BUDGET."
            )
        if recipe.shares is None:
            recipe = replace(recipe, shares=not _is_on_gpu(model, sharded=sharded))
        if recipe.shares:
            rows = in_steps(rows, recipe.batch, recipe.seed)
        expected = lora_parameters(model, recipe.r)
        keeping = [] if sharded else [Checkpoints(saved, at_end=recipe.preferences != "off")]
        trainer = _trainer(
            model, tokenizer, rows, watched, recipe, folder, [listener, *keeping], sharded=sharded
        )
        trainable = _check_trainable(trainer.model, expected)
        if starter:
            begin_with(trainer.model, starter)
        began = perf_counter()
        with disable_input_dtype_casting(trainer.model), within_rows(model):
            trainer.train(resume_from_checkpoint=str(killed) if killed else None)
        seconds = perf_counter() - began
        found = _trained(trainer, rows, killed)
        if not all(map(math.isfinite, found.losses)):
            raise TrainingFailed(
                "The training's loss was not a number: if it happens again, set PHI3_TRAINING=lora."
            )
        if preferred := preferences(kept, recipe.preferences):
            with disable_input_dtype_casting(trainer.model):
                stops = stop_tokens(model, tokenizer)
                told = prefer(trainer.model, tokenizer, stops, preferred, recipe, folder, listener)
            found = replace(found, preferences=told)
        with saving():
            trainer.model.save_pretrained(str(folder), state_dict=whole_weights(trainer.model))
        (folder / "README.md").unlink(missing_ok=True)  # an empty model card, meant for the hub
        rmtree(folder / CHECKPOINTS)
        del trainer, model
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    dropped = len(examples) - len(rows) - len(watched)
    return replace(found, trainable=trainable, dropped=dropped, seconds=seconds)


def _trained(trainer: Any, rows: Sequence[Row], killed: Path | None) -> Trained:
    """What the trainer did, as far as it knows."""
    state = trainer.state
    resumed_at = step_of(killed) if killed else 0
    tokens = sum(len(row.ids) for row in rows) * trainer.args.num_train_epochs
    return Trained(
        rows=len(rows),
        tokens=round(tokens * (state.global_step - resumed_at) / state.max_steps),
        losses=tuple(log["loss"] for log in state.log_history if "loss" in log),
        resumed_at=resumed_at,
        watched=tuple(log["eval_loss"] for log in state.log_history if "eval_loss" in log),
    )


def suited(recipe: Recipe, base: ModelFiles) -> Recipe:
    """The recipe, which says whether the base is quantised: if it did not, as suits the model."""
    if recipe.quantised is not None:
        return recipe
    return replace(recipe, quantised=suits_qlora(base))


def lora_parameters(model: PreTrainedModel, r: int) -> int:
    """How many weights adapters of rank ``r`` have for all linear layers but the output layer."""
    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    linear = (m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head)
    return sum(r * (layer.in_features + layer.out_features) for layer in linear)


def _trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    rows: Sequence[Row],
    watched: Sequence[Row],
    recipe: Recipe,
    folder: Path,
    callbacks: list[TrainerCallback],
    *,
    sharded: bool,
) -> Any:
    on_gpu = _is_on_gpu(model, sharded=sharded)
    is_narrow = computes_bfloat16("cuda" if on_gpu else "cpu")
    most = _most_at_once(model, rows, recipe)
    give_back_if_short(model, recipe, most)
    trainer = AnswerTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder / CHECKPOINTS),
            per_device_train_batch_size=recipe.batch // workers(),
            learning_rate=recipe.rate(model.num_parameters()),
            num_train_epochs=recipe.epochs,
            warmup_steps=recipe.warmup,
            lr_scheduler_type="cosine",
            max_grad_norm=1.0,
            bf16=is_narrow,
            use_cpu=not on_gpu,
            **_sharding(model) if sharded else _whole(_recomputes(model, recipe, most)),
            dataset_kwargs={"skip_prepare_dataset": True},
            max_length=None,
            seed=recipe.seed,
            train_sampling_strategy="sequential" if recipe.shares else "random",
            logging_steps=1,
            logging_nan_inf_filter=False,
            save_total_limit=2,
            **_watching(len(rows), recipe.batch) if watched else {"save_strategy": "no"},
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=on_gpu,
        ),
        data_collator=Packer(
            recipe.tokens_at_once(on_gpu=on_gpu), recipe.max_length if recipe.shares else 0
        ),
        train_dataset=dataset(rows),
        eval_dataset=dataset(watched) if watched else None,
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=recipe.r,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=callbacks,
    )
    if watched:
        trainer.add_callback(EarlyStoppingCallback(PATIENCE))
    trainer.remove_callback(PrinterCallback)
    if not is_narrow:  # TRL makes a quantised model's adapter bfloat16, on every processor
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
    return trainer


def _is_on_gpu(model: PreTrainedModel, *, sharded: bool) -> bool:
    """Whether steps are computed on one; a sharded base comes there only then."""
    return model.device.type == "cuda" or (sharded and torch.cuda.is_available())


def _whole(recomputes: bool) -> dict[str, Any]:
    """The trainer's settings where each process has the whole base."""
    return {"activation_checkpointing": recomputes, "ddp_find_unused_parameters": False}


def _sharding(model: PreTrainedModel) -> dict[str, Any]:
    """The trainer's settings for FSDP; only the inputs of layers are kept for the gradients."""
    return {
        "activation_checkpointing": True,  # FSDP's own would give the adapter's weights other names
        "fsdp": True,
        "fsdp_config": {
            "version": 2,
            "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "transformer_layer_cls_to_wrap": list(model._no_split_modules or ()),  # noqa: SLF001
        },
    }


def _recomputes(model: PreTrainedModel, recipe: Recipe, most: int) -> bool:
    if recipe.recomputes is not None:
        return recipe.recomputes
    return must_recompute(model, recipe, most)


def _most_at_once(model: PreTrainedModel, rows: Sequence[Row], recipe: Recipe) -> int:
    """The most tokens of one pass."""
    if recipe.shares:
        return most_alike([as_features(row) for row in rows], recipe.batch, recipe.max_length)
    tokens = recipe.tokens_at_once(on_gpu=model.device.type == "cuda")
    return most_at_once([len(row.ids) for row in rows], recipe.batch, tokens)


def _watching(rows: int, batch: int) -> dict[str, Any]:
    """The trainer's settings for an early stop; the best weights are stored and kept."""
    return {
        "eval_strategy": "steps",
        "eval_steps": max(1, rows // batch // LOOKS),
        "per_device_eval_batch_size": 1,  # their losses then count the same
        "save_strategy": "best",
        "metric_for_best_model": "loss",
        "load_best_model_at_end": True,
    }


def _check_trainable(model: torch.nn.Module, expected: int) -> int:
    """Raises TrainingFailed unless every linear layer is trained.

    Layer names written for another architecture would match few layers, and without an error.
    """
    found = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    if found != expected:
        raise TrainingFailed(
            f"{found} weights would be trained, but all linear layers have {expected}: "
            "the model's layers are not the ones expected."
        )
    return found
