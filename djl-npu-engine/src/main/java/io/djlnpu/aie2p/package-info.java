/**
 * The arithmetic of an AIE2P core, one class an operation: what the device's kernels compute, bit
 * by bit where its maker's references do.
 *
 * <p>Operands are {@code float} arrays; where an operand is bf16 its values are those of bf16
 * numbers. <b>Source</b>: amd/IRON's emulation of FastFlowLM's kernels, Xilinx/mlir-aie, and
 * mlir-air's fused decode.
 */
package io.djlnpu.aie2p;
