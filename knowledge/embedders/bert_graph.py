"""Writes the computation of a BERT as an ONNX graph, which refers to the model's own weights.

An export by torch computes the same numbers. It would take torch and half a minute once for each
model, and another file as large as the weights; and it was a quarter slower here, since onnxruntime
has an operator for the whole attention, which the export takes apart.
"""

from typing import Any

from onnx import TensorProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor
from onnx.helper import make_tensor_value_info as value

from knowledge.embedders.bert_files import Bert

IDS, MASK, STATES = "input_ids", "attention_mask", "last_hidden_state"

_ONNX = make_opsetid("", 20)
_RUNTIME = make_opsetid("com.microsoft", 1)
_IR = 10  # what this opset came with, so that older runtimes read it too


class BertGraph:
    """Builds the graph step by step: each step's name is that of its result."""

    def __init__(self, bert: Bert) -> None:
        self._bert = bert
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def build(self) -> bytes:
        """From token ids and their mask (text, token) to the last hidden states. Raises KeyError
        if the weights lack a tensor.
        """
        bert = self._bert
        flat = self._numbers("flat", [-1, bert.dimension])
        shape = self._step("Shape", IDS)
        whole = self._step("Concat", shape, self._numbers("width", [bert.dimension]), axis=0)
        mask = self._step("Cast", MASK, to=TensorProto.INT32)
        states = self._step("Reshape", self._embeddings(shape), flat)
        for n in range(bert.layers):
            states = self._layer(f"encoder.layer.{n}", states, flat, whole, mask)
        self._nodes.append(make_node("Reshape", [states, whole], [STATES]))
        graph = make_graph(
            self._nodes,
            "bert",
            [value(name, TensorProto.INT64, ["texts", "tokens"]) for name in (IDS, MASK)],
            [value(STATES, TensorProto.FLOAT, ["texts", "tokens", bert.dimension])],
            list(self._constants.values()),
        )
        model = make_model(graph, opset_imports=[_ONNX, _RUNTIME], ir_version=_IR)
        return bytes(model.SerializeToString())

    def _embeddings(self, shape: str) -> str:
        """The sum of what stands for a token, its place, and the first of two texts."""
        first, second = self._numbers("first", [0]), self._numbers("second", [1])
        tokens = self._step("Slice", shape, second, self._numbers("third", [2]))
        words = self._step("Gather", self._weight("embeddings.word_embeddings.weight"), IDS)
        places = self._step(
            "Slice", self._weight("embeddings.position_embeddings.weight"), first, tokens, first
        )
        kind = self._step("Gather", self._weight("embeddings.token_type_embeddings.weight"), first)
        summed = self._step("Add", words, self._step("Add", places, kind))
        return self._normalised("embeddings.LayerNorm", summed)

    def _layer(self, name: str, states: str, flat: str, whole: str, mask: str) -> str:
        attention = self._step(
            "MultiHeadAttention",
            *(
                self._step("Reshape", self._linear(f"{name}.attention.self.{part}", states), whole)
                for part in ("query", "key", "value")
            ),
            "",  # no bias
            mask,
            domain="com.microsoft",
            num_heads=self._bert.heads,
        )
        attended = self._linear(
            f"{name}.attention.output.dense", self._step("Reshape", attention, flat)
        )
        states = self._normalised(
            f"{name}.attention.output.LayerNorm", self._step("Add", attended, states)
        )
        wide = self._step("Gelu", self._linear(f"{name}.intermediate.dense", states))
        narrow = self._linear(f"{name}.output.dense", wide)
        return self._normalised(f"{name}.output.LayerNorm", self._step("Add", narrow, states))

    def _linear(self, name: str, states: str) -> str:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._step("Gemm", states, weight, bias, transB=1)

    def _normalised(self, name: str, states: str) -> str:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._step("LayerNormalization", states, weight, bias, epsilon=self._bert.epsilon)

    def _step(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        result = f"{kind}_{len(self._nodes)}"
        self._nodes.append(make_node(kind, inputs, [result], domain=domain, **attributes))
        return result

    def _numbers(self, name: str, numbers: list[int]) -> str:
        self._constants[name] = make_tensor(name, TensorProto.INT64, [len(numbers)], numbers)
        return name

    def _weight(self, name: str) -> str:
        """A tensor in the file of the weights, which the runtime maps into memory."""
        at, file = self._bert.tensors[name], self._bert.weights.name
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=at.shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, said in (("location", file), ("offset", at.offset), ("length", at.length)):
            tensor.external_data.add(key=key, value=str(said))
        self._constants[name] = tensor
        return name
