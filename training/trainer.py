"""TRL's trainer with another loss, which needs less memory and gives each row the same weight."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from trl.trainer.sft_trainer import SFTTrainer

from training.rows import IGNORED


class AnswerTrainer(SFTTrainer):  # type: ignore[misc]
    """Gives each row the same weight, and computes logits for the answers' tokens only.

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
        loss = (each.sum(dim=1) / counted.sum(dim=1)).mean()
        if num_items_in_batch is not None:  # then the trainer does not divide, so the loss must
            loss = loss / self.current_gradient_accumulation_steps
        return (loss, output) if return_outputs else loss
