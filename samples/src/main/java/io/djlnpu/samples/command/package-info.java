/**
 * One class per subcommand of {@code npu}; what they share stands in {@code NpuCommand}, {@code
 * CommonOptions} and {@code Console}.
 *
 * <p>A command parses its options, calls the library, and hands one result to the {@code Console}:
 * as text, or with {@code --json} as one object. Nothing else reaches standard output.
 */
package io.djlnpu.samples.command;
