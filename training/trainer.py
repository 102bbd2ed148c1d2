"""TRL's trainer with another loss, which needs less memory and weighs rows, not tokens."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from trl.trainer.base_trainer import _BaseTrainer
from trl.trainer.sft_trainer import SFTTrainer

from training.checkpoints import saving


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
    prompt, which took most of the memory.

    A step's batch is a list of passes (`training.packing`). The gradients of all are added up, so
    it makes no difference to the weights which rows are computed together.
    """

    def training_step(
        self, model: Any, inputs: dict[str, list[dict[str, Any]]], *_: Any
    ) -> torch.Tensor:
        losses = []
        *others, last = inputs["passes"]
        for one in others:
            # Several processes add their gradients up once a step: they may have more or fewer.
            with self.accelerator.no_sync(model):
                losses.append(super().training_step(model, one))
        losses.append(super().training_step(model, last))
        return torch.stack(losses).sum()

    def prediction_step(
        self, model: Any, inputs: dict[str, list[dict[str, Any]]], *_: Any, **__: Any
    ) -> tuple[torch.Tensor, None, None]:
        found = self._prepare_inputs(inputs)
        with torch.no_grad(), self.compute_loss_context_manager():
            losses = [self.compute_loss(model, one) for one in found["passes"]]
        return torch.stack(losses).sum(), None, None

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> torch.Tensor:
        """What one pass adds to the loss of its step."""
        output = model(
            input_ids=inputs["input_ids"],
            position_ids=inputs["position_ids"],
            lengths=inputs["lengths"],
            shared=inputs["shared"],
            logits_to_keep=inputs["kept"],
            use_cache=False,
        )
        each = cross_entropy(output.logits[0].float(), inputs["wanted"], reduction="none")
        loss: torch.Tensor = (inputs["share"] * each).sum()
        return loss

    def _set_signature_columns_if_needed(self) -> None:
        self._signature_columns = ["input_ids", "labels", "weight"]
