/* expr.h - answers as trees: what the lexer, the parser, the evaluators and the comparison share. */
#ifndef PGR_MATH_EXPR_H
#define PGR_MATH_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "math/math.h"

enum {
    PGR_EXPR_MAX_NODES = 4096,
    PGR_EXPR_MAX_TOKENS = PGR_MATH_MAX_BYTES + 1,
    PGR_EXPR_MAX_TEXT = 4 * PGR_MATH_MAX_BYTES,
    PGR_EXPR_MAX_SYMS = 128,
    PGR_EXPR_MAX_DEPTH = 64,
    PGR_EXPR_WORK = 20000000 /* steps of about a nanosecond */
};

/* A name or a text: place in math.text, zero-terminated. Symbols with the same name are the same. */
typedef uint16_t pgr_sym;

enum pgr_node_kind {
    /* values */
    PGR_N_NUM, /* digits[n_digits] in base (op 1: as written), times 10^exp10; `decimal` when written with a point or an
                  exponent */
    PGR_N_SYM,
    PGR_N_PI,
    PGR_N_E,
    PGR_N_I,
    PGR_N_INF,
    PGR_N_ADD, /* of all children */
    PGR_N_MUL, /* of all children */
    PGR_N_NEG,
    PGR_N_DIV,
    PGR_N_POW,
    PGR_N_ROOT, /* child, degree */
    PGR_N_PM,   /* plus or minus the child: op 1 is \pm, -1 is \mp */
    PGR_N_FUNC, /* op: enum pgr_func; children: arguments */
    PGR_N_UNIT, /* child with the unit sym */
    /* what is compared part by part */
    PGR_N_TEXT,
    PGR_N_LIST,   /* a, b, c without brackets */
    PGR_N_TUPLE,  /* in the brackets open, close */
    PGR_N_SET,    /* {a, b, c}; no children: the empty set */
    PGR_N_REALS,  /* all real numbers */
    PGR_N_MATRIX, /* children row by row, n_col */
    PGR_N_UNION,
    PGR_N_INTERSECT,
    PGR_N_WITHOUT, /* set difference */
    PGR_N_IN,      /* child in child */
    PGR_N_REL      /* children joined by op: enum pgr_rel; three children: op and op2 */
};

enum pgr_func {
    PGR_F_SIN,
    PGR_F_COS,
    PGR_F_TAN,
    PGR_F_COT,
    PGR_F_SEC,
    PGR_F_CSC,
    PGR_F_ASIN,
    PGR_F_ACOS,
    PGR_F_ATAN,
    PGR_F_SINH,
    PGR_F_COSH,
    PGR_F_TANH,
    PGR_F_EXP,
    PGR_F_LN,
    PGR_F_LOG, /* argument, base */
    PGR_F_ABS,
    PGR_F_FLOOR,
    PGR_F_CEIL,
    PGR_F_FACT,
    PGR_F_BINOM,
    PGR_F_MIN,
    PGR_F_MAX,
    PGR_F_GCD,
    PGR_F_LCM
};

enum pgr_rel { PGR_R_EQ, PGR_R_NE, PGR_R_LT, PGR_R_LE, PGR_R_GT, PGR_R_GE };

struct pgr_node {
    uint8_t kind;
    int8_t op, op2;
    char open, close;
    bool decimal;
    pgr_sym sym;
    uint16_t n_col;
    uint32_t base, n_digits;
    int64_t exp10;
    const char *digits;
    struct pgr_node *kid, *next;
};

enum pgr_tok_kind { /* other kinds are the character itself */
                    PGR_T_END = 0,
                    PGR_T_NUM = 256,
                    PGR_T_SYM,
                    PGR_T_WORD, /* a run of letters that is no known name */
                    PGR_T_TEXT, /* \text{...} */
                    PGR_T_FUNC, /* value: enum pgr_func */
                    PGR_T_NODE, /* value: a leaf's pgr_node_kind */
                    PGR_T_REL,  /* value: enum pgr_rel */
                    PGR_T_FRAC,
                    PGR_T_SQRT,
                    PGR_T_CBRT,
                    PGR_T_BINOM,
                    PGR_T_BEGIN, /* sym: the environment */
                    PGR_T_FINISH,
                    PGR_T_ROW, /* \\ */
                    PGR_T_SET_OPEN,
                    PGR_T_SET_CLOSE,
                    PGR_T_FLOOR_OPEN, /* value: PGR_F_FLOOR or PGR_F_CEIL */
                    PGR_T_FLOOR_CLOSE,
                    PGR_T_DEGREE,
                    PGR_T_PRIME,
                    PGR_T_PM, /* value: 1 or -1 */
                    PGR_T_CUP,
                    PGR_T_CAP,
                    PGR_T_WITHOUT,
                    PGR_T_IN,
                    PGR_T_ACCENT,   /* \dot, \hat, ...: sym */
                    PGR_T_OVERLINE, /* recurring digits or an accent */
                    PGR_T_DOLLAR    /* money */
};

struct pgr_tok {
    uint16_t kind;
    int16_t value;
    pgr_sym sym; /* a symbol's name; of a number its digits as written, without separators */
    bool space;  /* white space stands before it */
    uint16_t at; /* place in the answer */
};

/* Ways in which an answer can be read; each bit turns away from the first reading. */
enum {
    PGR_READ_COMMA = 1,   /* "1,234" is two numbers */
    PGR_READ_PRODUCT = 2, /* "f(2)" is a product */
    PGR_READ_DIVIDE = 4,  /* "a/bc" is a/(bc) */
    PGR_READ_LOG = 8,     /* \log without a base is natural */
    PGR_READ_ALL = 15
};

/* Everything of one comparison: one block of memory, nothing in it outlives the call. */
struct pgr_math {
    size_t work; /* what is left */
    size_t n_node, n_text, n_sym, n_tok;
    struct pgr_node node[PGR_EXPR_MAX_NODES];
    struct pgr_tok tok[PGR_EXPR_MAX_TOKENS];
    uint32_t name[PGR_EXPR_MAX_SYMS]; /* where in text the symbol's name starts */
    char text[PGR_EXPR_MAX_TEXT];
    char why[128]; /* of the last failure to read */
    size_t why_at;
};

const char *pgr_sym_name(const struct pgr_math *m, pgr_sym s);
/* false (and m->why) when there are too many. */
bool pgr_sym_intern(struct pgr_math *m, const char *name, size_t n, pgr_sym *out);
/* false with m->why and m->why_at. */
bool pgr_math_cannot(struct pgr_math *m, size_t at, const char *fmt, ...) PGR_PRINTF(3, 4);

/* Cuts s[n] into m->tok. reading: PGR_READ_COMMA; *ambiguous gets the bits of the other readings that exist. */
bool pgr_math_lex(struct pgr_math *m, const char *s, size_t n, unsigned reading, unsigned *ambiguous);
/* Lexes and parses; NULL with m->why if it cannot be read. The answer s[n] must stay until the tree is done with. */
struct pgr_node *pgr_math_parse(struct pgr_math *m, const char *s, size_t n, unsigned reading, unsigned *ambiguous);

/* Units (units.c): the name as a factor of a base unit of its kind; false if unknown. power: of the unit, 2 in cm^2. */
bool pgr_unit_known(const char *name);
/* -1: not comparable (other or unknown units); else *ratio = a / b as a factor. */
bool pgr_unit_ratio(const char *a, const char *b, double *ratio);

#endif
