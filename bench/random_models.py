"""Models with the sizes of real ones and random weights, for machines without a model hub.

How fast they compute, and in how much memory, does not depend on the weights.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench import HANDBOOK
from tests.tiny_phi3 import phi3_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PHI3_SIZE = "phi3.5-mini-size"
MINILM_SIZE = "minilm-size"
"""The folders of the models that ``python -m bench.random_models FOLDER`` builds on a GPU."""

_SPREAD = 0.02


def build_phi3(folder: Path, device: str, layers: int = 32) -> Path:
    """Saves a model of Phi-3.5-mini's size, in bfloat16, with the tokenizer of the tests.

    Its answers are single printable characters and parts of words, and have no end: so each token
    of an answer is a piece of text, and each answer is as long as was asked for.
    """
    import torch
    from transformers import GenerationConfig, Phi3Config, Phi3ForCausalLM

    tokenizer = phi3_tokenizer()
    end = tokenizer.eos_token_id
    config = Phi3Config(
        vocab_size=32_064,
        hidden_size=3_072,
        intermediate_size=8_192,
        num_hidden_layers=layers,
        num_attention_heads=32,
        num_key_value_heads=32,
        max_position_embeddings=131_072,
        original_max_position_embeddings=4_096,
        rope_parameters={
            "rope_type": "longrope",
            "rope_theta": 10_000.0,
            "short_factor": [1.0] * 48,
            "long_factor": [4.0] * 48,
            "original_max_position_embeddings": 4_096,
        },
        sliding_window=262_144,
        bos_token_id=1,
        eos_token_id=end,
        pad_token_id=end,
        dtype=torch.bfloat16,
    )
    with torch.device("meta"):
        model = Phi3ForCausalLM(config)
    network: torch.nn.Module = model
    network.to(torch.bfloat16).to_empty(device=device)
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 1:
                weight.fill_(1)
            else:
                weight.normal_(0, _SPREAD)
        head = model.lm_head.weight
        unsaid = torch.ones(len(head), dtype=torch.bool, device=device)
        unsaid[_printable(tokenizer)] = False
        head[unsaid] = 0
    model.generation_config = GenerationConfig(eos_token_id=end, pad_token_id=end)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _printable(tokenizer: "PreTrainedTokenizerFast") -> list[int]:
    ids = range(len(tokenizer.get_vocab()) - len(tokenizer.get_added_vocab()))
    texts = ((n, str(tokenizer.decode([n]))) for n in ids)
    return [n for n, text in texts if text.strip() and text.isascii() and text.isprintable()]


def build_minilm(folder: Path) -> Path:
    """Saves a sentence-transformers model of all-MiniLM-L6-v2's size."""
    import torch
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from tokenizers.trainers import WordPieceTrainer
    from transformers import PreTrainedTokenizerFast
    from transformers.models.bert import BertConfig, BertModel

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    files = [str(file) for file in sorted(HANDBOOK.glob("*.md"))]
    tokenizer.train(files, WordPieceTrainer(vocab_size=30_522, special_tokens=special))
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", special.index("[SEP]")), ("[CLS]", special.index("[CLS]"))
    )
    torch.manual_seed(0)
    sizes = {"hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1_536}
    config = BertConfig(vocab_size=30_522, num_attention_heads=12, **sizes)
    BertModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=256,
    ).save_pretrained(folder)
    (folder / "1_Pooling").mkdir(exist_ok=True)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    files_of_parts = {
        "modules.json": [
            {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for n, (path, kind) in enumerate(kinds)
        ],
        "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": 384,
            "pooling_mode_mean_tokens": True,
        },
    }
    for name, content in files_of_parts.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


if __name__ == "__main__":
    build_phi3(Path(sys.argv[1]) / PHI3_SIZE, "cuda")
    build_minilm(Path(sys.argv[1]) / MINILM_SIZE)
