/**
 * An interpreter of Jinja2 as chat templates use it: lexer, parser to sealed records, name
 * analysis, evaluator. Follows Jinja2 3.1 in the sandboxed, immutable environment that transformers
 * sets up, to the byte. A template is a stranger's program: it sees JSON values only, calls nothing
 * but what is listed here, and runs within a budget.
 */
package io.djlnpu.template;
