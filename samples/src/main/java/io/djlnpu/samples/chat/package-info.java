/**
 * The conversation on a terminal: a line from the reader becomes a command or a turn; a turn goes
 * to the {@code Assistant}, whose pieces stream back to the screen.
 */
package io.djlnpu.samples.chat;
