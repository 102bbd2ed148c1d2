"""A small random Phi-3: the real architecture, template, special tokens and stop tokens."""

from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

if TYPE_CHECKING:  # takes seconds to import
    from transformers import PreTrainedTokenizerFast

# Phi-3's own template (also in TRL, which recognises it by its exact text and can then train on
# the assistant's turns alone).
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + "
    "message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + "
    "message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}"
    "{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)

# In Phi-3's order, where <|endoftext|> is 32000, <|end|> 32007 and <|user|> 32010.
SPECIAL_TOKENS = [
    "<|endoftext|>",
    "<|assistant|>",
    *(f"<|placeholder{n}|>" for n in range(1, 5)),
    "<|system|>",
    "<|end|>",
    "<|placeholder5|>",
    "<|placeholder6|>",
    "<|user|>",
]

_WORDS = """
You answer colleagues' questions from the passages of the team's own documents. Use only the
passages. Answer briefly, in the passages' own words. If they do not hold the answer, say: The
documents do not say. Question: How many days of holiday does each person have a year? Each person
has thirty days of paid holiday a year, and asks for them in the calendar two weeks before.
""".split()


def build_tiny_phi3(
    folder: Path,
    *,
    sliding_window: int | None = 2047,
    seed: int = 0,
    heads: int = 4,
    hidden: int = 64,
) -> Path:
    """Saves the model (float32, 128 thousand parameters) and its tokenizer in ``folder``.

    The weights depend only on ``seed`` and the size ``hidden``. ``sliding_window`` is that of
    Phi-3-mini-4k. With two ``heads`` each is 32 wide, the least that vLLM computes on a CPU.
    """
    import torch
    from transformers import GenerationConfig, Phi3Config, Phi3ForCausalLM

    tokenizer = phi3_tokenizer()
    ids = tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|end|>"])
    assert isinstance(ids, list)
    end_of_text, end = ids
    config = Phi3Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=2,
        num_attention_heads=heads,
        num_key_value_heads=heads // 2,
        max_position_embeddings=4096,
        original_max_position_embeddings=4096,
        initializer_range=0.2,  # with the usual 0.02 so small a model repeats a single token
        sliding_window=sliding_window,
        bos_token_id=1,
        eos_token_id=end_of_text,
        pad_token_id=end_of_text,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Phi3ForCausalLM(config)
    # As in Phi-3's generation_config.json: <|endoftext|>, <|assistant|> and <|end|> stop.
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=1,
        eos_token_id=[end_of_text, end_of_text + 1, end],
        pad_token_id=end_of_text,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def phi3_tokenizer() -> "PreTrainedTokenizerFast":
    """Phi-3's special tokens and template on a small vocabulary."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=420,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(_WORDS)], trainer)
    tokenizer.add_special_tokens(SPECIAL_TOKENS)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        unk_token="<unk>",
        chat_template=CHAT_TEMPLATE,
        model_max_length=4096,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
