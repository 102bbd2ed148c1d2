"""What is written is what the onnx package writes."""

import onnx
from onnx import TensorProto, helper

from knowledge.embedders import onnx_format as ours


def test_a_model_is_read_as_the_one_of_the_onnx_package() -> None:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[300, 2])
    weight.data_location = TensorProto.EXTERNAL
    for key, said in (("location", "größe.bin"), ("offset", "8"), ("length", "2400")):
        weight.external_data.add(key=key, value=said)
    constant = helper.make_tensor(
        "c",
        TensorProto.INT64,
        [3],
        b"".join(n.to_bytes(8, "little", signed=True) for n in (-1, 0, 2**40)),
        raw=True,
    )
    theirs = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Gemm", ["x", "w", ""], ["y"], transB=1, alpha=0.5),
                helper.make_node("Gelu", ["y"], ["z"], domain="com.microsoft"),
            ],
            "graph",
            [helper.make_tensor_value_info("x", TensorProto.INT64, ["texts", 384])],
            [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["texts", 2])],
            [weight, constant],
        ),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )
    written = ours.model(
        [
            ours.node("Gemm", ["x", "w", ""], "y", {"transB": 1, "alpha": 0.5}),
            ours.node("Gelu", ["y"], "z", {}, "com.microsoft"),
        ],
        [ours.value("x", ours.INT64, ["texts", 384])],
        [ours.value("z", ours.FLOAT, ["texts", 2])],
        [ours.weight("w", [300, 2], "größe.bin", 8, 2400), ours.numbers("c", [-1, 0, 2**40])],
        {"": 20, "com.microsoft": 1},
        10,
    )
    assert sorted_attributes(onnx.load_from_string(written)) == sorted_attributes(theirs)


def sorted_attributes(model: onnx.ModelProto) -> onnx.ModelProto:
    """The onnx package writes them in the order of their names."""
    for node in model.graph.node:
        known = sorted(node.attribute, key=lambda attribute: attribute.name)
        del node.attribute[:]
        node.attribute.extend(known)
    return model
