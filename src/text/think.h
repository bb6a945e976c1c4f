/* think.h - the think/answer structure of a completion:  <think> reasoning </think><answer> code </answer>. */
#ifndef PGR_TEXT_THINK_H
#define PGR_TEXT_THINK_H

#include <stdbool.h>
#include <stddef.h>

struct pgr_span {
    const char *at; /* borrowed from the completion */
    size_t n;
};

struct pgr_think {
    bool strict; /* exactly the structure, nothing else but white space around and between the two blocks */
    const char
        *why; /* when not strict: what is wrong, static text ("no <think>", "text after </answer>", ...); else NULL */
    bool has_think;        /* one well-formed think block was found; `think` is its inside */
    struct pgr_span think; /* without surrounding white space */
    bool has_answer;       /* an answer could be found, leniently; `answer` is its inside */
    struct pgr_span answer;
};

/* Parses text[n]. Never fails; works on any bytes. */
void pgr_think_parse(const char *text, size_t n, struct pgr_think *out);

/* The code of an answer: the inside of the last fenced block (``` or ```python) if there is one, else all of it. */
struct pgr_span pgr_answer_code(struct pgr_span answer);

#endif
