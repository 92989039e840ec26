//! The part of the ONNX file format that we write: message and field numbers as in the ONNX specification
//! (`onnx.proto`, IR version 7, operator set 13).

/// Operator set of all operators we use.
const OPERATOR_SET: i64 = 13;
const IR_VERSION: i64 = 7;
/// `TensorProto.DataType`.
const FLOAT: i32 = 1;
const UINT8: i32 = 2;
const INT8: i32 = 3;
const INT32: i32 = 6;
const INT64: i32 = 7;

/// `ModelProto`: a file.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Model {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    operator_sets: Vec<OperatorSet>,
}

/// `OperatorSetIdProto`: the empty domain is the standard one.
#[derive(Clone, PartialEq, prost::Message)]
struct OperatorSet {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

/// `GraphProto`: nodes in the order of computation, and constants.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub(super) nodes: Vec<Node>,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) constants: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub(super) inputs: Vec<Value>,
    #[prost(message, repeated, tag = "12")]
    pub(super) outputs: Vec<Value>,
}

/// `NodeProto`: one operator, its values by name.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub(super) inputs: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(super) outputs: Vec<String>,
    #[prost(string, tag = "4")]
    pub(super) operator: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) attributes: Vec<Attribute>,
}

/// `AttributeProto`: here always a list of integers.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    integers: Vec<i64>,
    #[prost(int32, tag = "20")]
    kind: i32,
}

/// `TensorProto`: a constant, as raw little-endian bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    dimensions: Vec<i64>,
    #[prost(int32, tag = "2")]
    element: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw: Vec<u8>,
}

/// `ValueInfoProto`: an input or output of the graph.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Value {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    kind: Option<ValueType>,
}

/// `TypeProto`: here always a tensor.
#[derive(Clone, PartialEq, prost::Message)]
struct ValueType {
    #[prost(message, optional, tag = "1")]
    tensor: Option<TensorType>,
}

/// `TypeProto.Tensor`.
#[derive(Clone, PartialEq, prost::Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    element: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<TensorShape>,
}

/// `TensorShapeProto`.
#[derive(Clone, PartialEq, prost::Message)]
struct TensorShape {
    #[prost(message, repeated, tag = "1")]
    dimensions: Vec<Dimension>,
}

/// `TensorShapeProto.Dimension`: a size, or a name for one that is free.
#[derive(Clone, PartialEq, prost::Message)]
struct Dimension {
    #[prost(oneof = "Size", tags = "1, 2")]
    size: Option<Size>,
}

/// The size of one dimension.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Size {
    /// Known.
    #[prost(int64, tag = "1")]
    Fixed(i64),
    /// Free; the name tells free sizes apart.
    #[prost(string, tag = "2")]
    Free(String),
}

impl Model {
    pub(super) fn new(graph: Graph) -> Self {
        Self {
            ir_version: IR_VERSION,
            producer_name: "rollcall".to_owned(),
            graph: Some(graph),
            operator_sets: vec![OperatorSet { domain: String::new(), version: OPERATOR_SET }],
        }
    }

    #[cfg(test)]
    pub(super) fn into_graph(self) -> Option<Graph> {
        self.graph
    }
}

impl Attribute {
    /// `AttributeProto.AttributeType.INTS`.
    const INTEGERS: i32 = 7;

    pub(super) fn new(name: &str, integers: Vec<i64>) -> Self {
        Self { name: name.to_owned(), integers, kind: Self::INTEGERS }
    }
}

impl Tensor {
    pub(super) fn floats(name: &str, dimensions: &[usize], values: &[f32]) -> Self {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { dimensions: integers(dimensions), element: FLOAT, name: name.to_owned(), raw }
    }

    /// A single number.
    pub(super) fn float(name: &str, value: f32) -> Self {
        Self { dimensions: vec![], ..Self::floats(name, &[1], &[value]) }
    }

    /// A single number from 0 to 255.
    pub(super) fn byte(name: &str, value: u8) -> Self {
        Self { dimensions: vec![], element: UINT8, name: name.to_owned(), raw: vec![value] }
    }

    pub(super) fn bytes(name: &str, dimensions: &[usize], values: &[i8]) -> Self {
        let raw = values.iter().map(|value| value.cast_unsigned()).collect();
        Self { dimensions: integers(dimensions), element: INT8, name: name.to_owned(), raw }
    }

    pub(super) fn words(name: &str, values: &[i32]) -> Self {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { dimensions: integers(&[values.len()]), element: INT32, name: name.to_owned(), raw }
    }

    pub(super) fn integers(name: &str, values: &[i64]) -> Self {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { dimensions: integers(&[values.len()]), element: INT64, name: name.to_owned(), raw }
    }
}

impl Value {
    /// A tensor of single-precision floats.
    pub(super) fn floats(name: &str, sizes: Vec<Size>) -> Self {
        let dimensions = sizes.into_iter().map(|size| Dimension { size: Some(size) }).collect();
        let tensor = TensorType { element: FLOAT, shape: Some(TensorShape { dimensions }) };
        Self { name: name.to_owned(), kind: Some(ValueType { tensor: Some(tensor) }) }
    }
}

/// Sizes as ONNX writes them.
pub(super) fn integers(sizes: &[usize]) -> Vec<i64> {
    sizes.iter().map(|size| i64::try_from(*size).expect("sizes of a network are small")).collect()
}
