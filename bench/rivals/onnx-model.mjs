// The bytes of an ONNX model for a workload: the few messages of onnx.proto that a dense network needs, written with
// protobufjs. Field numbers and types are those of the ONNX specification, IR version 8, operator set 17.
import protobuf from "protobufjs";
import { negativeSlope } from "../workloads.mjs";

const schema = protobuf.parse(`
  syntax = "proto3";
  message ModelProto { int64 ir_version = 1; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; int32 type = 20; }
  message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message TypeProto { Tensor tensor_type = 1; message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; } }
  message TensorShapeProto { repeated Dimension dim = 1; message Dimension { int64 dim_value = 1; } }
`, { keepCase: true }).root;

const float = 1; // TensorProto.DataType.FLOAT
const floatAttribute = 1; // AttributeProto.AttributeType.FLOAT
const operators = { tanh: "Tanh", sigmoid: "Sigmoid", arctan: "Atan", relu: "Relu", leakyRelu: "LeakyRelu", softmax: "Softmax" };

const valueInfo = (name, dims) => ({
  name,
  type: { tensor_type: { elem_type: float, shape: { dim: dims.map((dim) => ({ dim_value: dim })) } } },
});

const tensor = (name, dims, values) => ({
  name,
  dims,
  data_type: float,
  raw_data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

function activationNode(name, input, output) {
  const attribute = name === "leakyRelu" ? [{ name: "alpha", f: negativeSlope, type: floatAttribute }] : [];
  return { op_type: operators[name], name: output, input: [input], output: [output], attribute };
}

function encode(graph, version = 17) {
  const Model = schema.lookupType("ModelProto");
  const model = { ir_version: 8, opset_import: [{ domain: "", version }], graph: { name: "bench", ...graph } };
  return Model.encode(Model.fromObject(model)).finish();
}

/** A model of one input "z" and one output "out", n floats each, in between nodes of operator set 20 that say the same in JSON. */
export function encodeChain(node, n) {
  return encode({ node, input: [valueInfo("z", [n])], output: [valueInfo("out", [n])] }, 20);
}

/** Returns { bytes, feeds: { name: { dims, values } }, output: { name, dims } }. */
export const createModel = {
  matmul({ m, n, k }, { a, b }) {
    const output = { name: "c", dims: [m, n] };
    const bytes = encode({
      node: [{ op_type: "MatMul", name: "c", input: ["a", "b"], output: ["c"] }],
      input: [valueInfo("a", [m, k]), valueInfo("b", [k, n])],
      output: [valueInfo("c", [m, n])],
    });
    return { bytes, feeds: { a: { dims: [m, k], values: a }, b: { dims: [k, n], values: b } }, output };
  },

  activation({ name, elements }, { z }) {
    const dims = [1, elements];
    const bytes = encode({
      node: [activationNode(name, "z", "out")],
      input: [valueInfo("z", dims)],
      output: [valueInfo("out", dims)],
    });
    return { bytes, feeds: { z: { dims, values: z } }, output: { name: "out", dims } };
  },

  inference({ inputs, layers, batch }, { x, parameters }) {
    const node = [];
    const initializer = [];
    let width = inputs;
    let value = "x";
    layers.forEach(({ units, activation }, index) => {
      const { weights, bias } = parameters[index];
      initializer.push(tensor(`W${index}`, [width, units], weights), tensor(`b${index}`, [units], bias));
      node.push({ op_type: "Gemm", name: `z${index}`, input: [value, `W${index}`, `b${index}`], output: [`z${index}`] });
      node.push(activationNode(activation, `z${index}`, `a${index}`));
      value = `a${index}`;
      width = units;
    });
    const bytes = encode({
      node,
      initializer,
      input: [valueInfo("x", [batch, inputs])],
      output: [valueInfo(value, [batch, width])],
    });
    return { bytes, feeds: { x: { dims: [batch, inputs], values: x } }, output: { name: value, dims: [batch, width] } };
  },
};
