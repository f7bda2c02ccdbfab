package io.djlnpu.q4nx;

/**
 * Q4NX, the 4-bit weight format of FastFlowLM. This page is the specification; numbers are little
 * endian, indices count from 0, and a matrix is {@code [rows, columns]} = {@code [outputs,
 * inputs]}.
 *
 * <h2>1. Value</h2>
 *
 * A weight is {@code scale * code + min}: the product is rounded to float32, then the sum. The code
 * is an unsigned nibble, 0 to 15. Scale and min are bf16, the upper half of a float32. One pair
 * serves a <em>group</em>: 32 consecutive columns of one row, beginning at a multiple of 32. The
 * min is an offset that is added, not a zero point that is subtracted.
 *
 * <h2>2. Padding</h2>
 *
 * Columns are padded to a multiple of 256. Groups of padding have scale 0, min 0 and codes 0, all
 * bits zero. Rows are never padded: their number must be a multiple of 32.
 *
 * <h2>3. Blocks</h2>
 *
 * The padded matrix is cut into blocks of 32 rows and 256 columns. All blocks of the first 32 rows
 * come first, from left to right, then those of the next 32 rows; nothing lies between them. A
 * block has 5120 bytes, 5 bits a weight:
 *
 * <ol>
 *   <li>bytes 0 to 511: 256 scales. The scale of row {@code r} (0 to 31 in the block) and group
 *       {@code g} (0 to 7) is number {@code 32 * g + r}.
 *   <li>bytes 512 to 1023: 256 mins, in the same order.
 *   <li>bytes 1024 to 5119: codes. Those of rows 0 to 15 come first, then those of rows 16 to 31,
 *       2048 bytes each. A half has 8 bytes for each of the 256 columns in turn. Byte {@code k} of
 *       a column holds row {@code 2k} of the half in its low nibble and row {@code 2k + 1} in its
 *       high nibble.
 * </ol>
 *
 * <h2>4. Container</h2>
 *
 * The file is safetensors: a 64-bit header length, a JSON header padded with spaces so that the
 * length is a multiple of 8, and the data. There is no {@code __metadata__}. A Q4NX matrix has
 * dtype {@code I8} and shape {@code [blocks, 5120]}; its rows and columns are not in the file, they
 * follow from {@code config.json}. Everything else is {@code BF16} in its own shape. All BF16
 * tensors come first, then all I8, each in bytewise order of the names, without gaps. A tensor may
 * start at any multiple of 2.
 *
 * <h2>5. Tensors of {@code model.q4nx}</h2>
 *
 * Names are Hugging Face's.
 *
 * <ul>
 *   <li>{@code model.embed_tokens.weight}: BF16 {@code [vocabulary, hidden]}, already multiplied by
 *       sqrt(hidden): both as float32, the product rounded to bf16, nearest even.
 *   <li>{@code lm_head.weight}: Q4NX. Where head and table are tied it is made from the table
 *       <em>without</em> that factor.
 *   <li>{@code model.layers.N.self_attn.q_proj.weight}, {@code k_proj}, {@code v_proj}, {@code
 *       o_proj}, and {@code model.layers.N.mlp.gate_proj.weight}, {@code up_proj}, {@code
 *       down_proj}: Q4NX.
 *   <li>norms: BF16, holding {@code 1 + w} of Hugging Face's {@code w}.
 * </ul>
 *
 * <h2>6. Tensors of {@code vision_weight.q4nx}</h2>
 *
 * All are BF16. Matrices are tiled as {@link TiledMatrix} says; biases, norms, position and patch
 * embeddings are as they are.
 *
 * <h2>7. Readers beware</h2>
 *
 * Bundles older than 2026-08 have dtype {@code Q4NX} and another meaning of min; they are refused
 * by name. FastFlowLM's converter writes signed nibbles with min 0 for Q4_0 sources, and half of
 * each code with {@code scale = min} for Q8_0 sources; neither has a flag, {@link Q4nxInspection}
 * recognises both. A scale or min may be infinite where the converter overflowed binary16. Ours
 * writes no such pair: there it rounds to bf16 directly.
 */
public final class Q4nxFormat {

    /** Rows of a block. */
    public static final int BLOCK_ROWS = 32;

    /** Columns of a block. */
    public static final int BLOCK_COLUMNS = 256;

    /** Columns that share one scale and one min. */
    public static final int GROUP_COLUMNS = 32;

    /** Groups of a block's row. */
    public static final int BLOCK_GROUPS = BLOCK_COLUMNS / GROUP_COLUMNS;

    /** Bytes of a block. */
    public static final int BLOCK_BYTES = 5120;

    /** Where the mins start in a block. */
    public static final int MINS_OFFSET = 512;

    /** Where the codes start in a block. */
    public static final int CODES_OFFSET = 1024;

    /** Bytes of the codes of 16 rows. */
    public static final int HALF_BYTES = BLOCK_COLUMNS * 8;

    /** The largest code. */
    public static final int MAX_CODE = 15;

    private Q4nxFormat() {}

    /**
     * Returns the columns that a matrix occupies.
     *
     * @param columns logical columns
     * @return columns with padding
     */
    public static int paddedColumns(int columns) {
        return Math.ceilDiv(columns, BLOCK_COLUMNS) * BLOCK_COLUMNS;
    }

    /**
     * Returns the bytes that a matrix occupies.
     *
     * @param rows rows, a multiple of 32
     * @param columns logical columns
     * @return bytes
     */
    public static long byteLength(int rows, int columns) {
        return (long) (rows / BLOCK_ROWS) * (paddedColumns(columns) / BLOCK_COLUMNS) * BLOCK_BYTES;
    }
}
