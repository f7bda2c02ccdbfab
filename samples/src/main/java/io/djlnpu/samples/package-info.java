/** The command {@code npu}: its entry point; one class per subcommand in {@code command}. */
package io.djlnpu.samples;
