"""TRL's trainer with another loss, which needs less memory and weighs rows, not tokens."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from trl.trainer.base_trainer import _BaseTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling, SFTTrainer

from training.checkpoints import saving
from training.rows import IGNORED


class Collator(DataCollatorForLanguageModeling):  # type: ignore[misc]
    """Makes a batch of padded rows, and passes on their weights."""

    def torch_call(self, examples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        batch: dict[str, torch.Tensor] = super().torch_call(examples)
        batch["weight"] = torch.tensor([row["weight"] for row in examples])
        return batch


class Stored(_BaseTrainer):  # type: ignore[misc]
    """Checkpoints whose failures are one line, and whose weights keep their precision."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        with saving():
            super()._save_checkpoint(model, trial)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Loads the weights in the precision that they have; peft would make them float32."""
        before = {name: weight.dtype for name, weight in self.model.named_parameters()}
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        for name, weight in self.model.named_parameters():
            weight.data = weight.data.to(before[name])


class AnswerTrainer(Stored, SFTTrainer):  # type: ignore[misc]
    """Counts each row by its weight, and computes logits for the answers' tokens only.

    A step's loss is the mean of its rows' losses times their weights. It is not divided by the
    weights of that step: in a step of one row they would then change nothing.

    TRL 1.16 computes logits for the answers only on a GPU; on a CPU it computes them for the whole
    prompt, which took most of the memory. Rows are padded at their end, which causal attention
    never sees from an answer's token, so no mask is needed and attention can use its fast path.
    """

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        labels = inputs["labels"][:, 1:]
        kept = (labels != IGNORED).any(dim=0).nonzero().squeeze(1)
        output = model(
            input_ids=inputs["input_ids"],
            logits_to_keep=kept,
            use_cache=False,
        )
        wanted = labels[:, kept]
        each = cross_entropy(
            output.logits.float().transpose(1, 2), wanted, ignore_index=IGNORED, reduction="none"
        )
        counted = wanted != IGNORED
        loss = (inputs["weight"] * each.sum(dim=1) / counted.sum(dim=1)).mean()
        if num_items_in_batch is not None:  # then the trainer does not divide, so the loss must
            loss = loss / self.current_gradient_accumulation_steps
        return (loss, output) if return_outputs else loss

    def _set_signature_columns_if_needed(self) -> None:
        self._signature_columns = ["input_ids", "labels", "weight"]
