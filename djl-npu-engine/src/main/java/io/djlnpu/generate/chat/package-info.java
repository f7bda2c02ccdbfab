/**
 * Conversations: messages become one prompt by the model's own template, answers may hold tool
 * calls.
 */
package io.djlnpu.generate.chat;
