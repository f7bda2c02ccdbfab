package io.djlnpu.onnx.testing;

/** Field numbers of onnx.proto3. */
public final class Onnx {

    public static final int MODEL_IR_VERSION = 1;
    public static final int MODEL_PRODUCER = 2;
    public static final int MODEL_GRAPH = 7;
    public static final int MODEL_OPSET = 8;
    public static final int MODEL_TRAINING = 20;
    public static final int MODEL_FUNCTION = 25;

    public static final int GRAPH_NODE = 1;
    public static final int GRAPH_NAME = 2;
    public static final int GRAPH_INITIALIZER = 5;
    public static final int GRAPH_DOCUMENTATION = 10;
    public static final int GRAPH_INPUT = 11;
    public static final int GRAPH_OUTPUT = 12;
    public static final int GRAPH_VALUE = 13;
    public static final int GRAPH_SPARSE = 15;

    public static final int NODE_INPUT = 1;
    public static final int NODE_OUTPUT = 2;
    public static final int NODE_NAME = 3;
    public static final int NODE_OPERATOR = 4;
    public static final int NODE_ATTRIBUTE = 5;
    public static final int NODE_DOCUMENTATION = 6;
    public static final int NODE_DOMAIN = 7;
    public static final int NODE_METADATA = 9;

    public static final int ATTRIBUTE_NAME = 1;
    public static final int ATTRIBUTE_FLOAT = 2;
    public static final int ATTRIBUTE_INTEGER = 3;
    public static final int ATTRIBUTE_STRING = 4;
    public static final int ATTRIBUTE_TENSOR = 5;
    public static final int ATTRIBUTE_GRAPH = 6;
    public static final int ATTRIBUTE_FLOATS = 7;
    public static final int ATTRIBUTE_INTEGERS = 8;
    public static final int ATTRIBUTE_TYPE = 20;

    public static final int TENSOR_DIMS = 1;
    public static final int TENSOR_TYPE = 2;
    public static final int TENSOR_SEGMENT = 3;
    public static final int TENSOR_FLOATS = 4;
    public static final int TENSOR_INT32S = 5;
    public static final int TENSOR_INT64S = 7;
    public static final int TENSOR_NAME = 8;
    public static final int TENSOR_RAW = 9;
    public static final int TENSOR_EXTERNAL = 13;
    public static final int TENSOR_LOCATION = 14;

    public static final int VALUE_NAME = 1;
    public static final int VALUE_TYPE = 2;

    public static final int ENTRY_KEY = 1;
    public static final int ENTRY_VALUE = 2;

    private Onnx() {}
}
