/**
 * Holds answers to a form. A JSON schema or a regular expression becomes a finite automaton over
 * UTF-8 bytes ({@link io.djlnpu.generate.grammar.OutputGrammar}, built with Lucene's automata), the
 * vocabulary a tree of bytes ({@link io.djlnpu.generate.grammar.TokenTree}); {@link
 * io.djlnpu.generate.grammar.GrammarConstraint} walks one along the other and leaves the tokens
 * that keep the answer within the form, and able to end in time.
 */
package io.djlnpu.generate.grammar;
