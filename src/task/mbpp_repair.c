/* mbpp_repair.c - MBPP+ stores every argument as JSON; here the tuples, sets and complex numbers that its problems
 * want come back, as typed JSON. Which problem wants what is part of EvalPlus 0.3.1 (MIT), data/mbpp.py. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "task/family.h"

enum shape {
    AS_IS,
    EACH,         /* every argument a tuple */
    EACH_OF_EACH, /* every argument a list of tuples */
    FIRST_EACH,   /* the first a list of tuples */
    FIRST,        /* the first a tuple */
    SECOND,       /* the second a tuple */
    TUPLES,       /* every argument a tuple of tuples */
    TUPLES_SOME,  /* a tuple whose lists are tuples */
    SETS,         /* the first a list of sets */
    POLAR,        /* a float and a complex number, from texts */
    COMPLEX,      /* a complex number, from a text */
    VALUES,       /* the first a dict of tuples */
    DEEP          /* tuples throughout */
};

static enum shape shape_of(size_t number) {
    static const struct {
        enum shape shape;
        unsigned short number[24];
    } table[] = {{EACH, {2,   116, 132, 143, 222, 261, 273, 394, 399, 421, 424,
                         429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809}},
                 {EACH_OF_EACH, {63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780}},
                 {FIRST_EACH, {75, 413, 444, 753}},
                 {SECOND, {106, 750}},
                 {SETS, {115}},
                 {POLAR, {124}},
                 {FIRST, {250, 307, 405, 446, 617, 720, 763, 808}},
                 {TUPLES, {259, 401, 445}},
                 {TUPLES_SOME, {278}},
                 {VALUES, {722}},
                 {COMPLEX, {252}},
                 {DEEP, {580, 615, 791}}};
    for (size_t i = 0; i < PGR_COUNT(table); i++)
        for (size_t k = 0; k < PGR_COUNT(table[i].number) && table[i].number[k]; k++)
            if (table[i].number[k] == number) return table[i].shape;
    return AS_IS;
}

static json_t *wrap(const char *key, json_t *v) { return v ? json_pack("{s:o}", key, v) : NULL; }
static json_t *same(const json_t *v) { return json_incref((json_t *)(uintptr_t)v); }

/* tuple(v) of a list or a text. */
static json_t *tuple(const json_t *v) {
    if (json_is_array(v)) return wrap("__tuple__", same(v));
    if (!json_is_string(v)) return same(v);
    json_t *chars = json_array();
    const char *s = json_string_value(v);
    while (chars && *s) {
        size_t n = 1;
        while (((unsigned char)s[n] & 0xc0) == 0x80) n++;
        if (json_array_append_new(chars, json_stringn(s, n)) != 0) {
            json_decref(chars);
            return NULL;
        }
        s += n;
    }
    return wrap("__tuple__", chars);
}

static json_t *tuple_if_list(const json_t *v) { return json_is_array(v) ? tuple(v) : same(v); }

static json_t *set(const json_t *v) {
    return json_is_array(v) && json_array_size(v) ? wrap("__set__", same(v)) : json_object();
}

/* f of each element of a list; anything else as it is. */
static json_t *map(const json_t *v, json_t *(*f)(const json_t *)) {
    if (!json_is_array(v)) return same(v);
    json_t *out = json_array();
    for (size_t i = 0; out && i < json_array_size(v); i++) {
        if (json_array_append_new(out, f(json_array_get(v, i))) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static json_t *tuples(const json_t *v) { return map(v, tuple); }
static json_t *tuple_of_tuples(const json_t *v) { return json_is_array(v) ? wrap("__tuple__", tuples(v)) : same(v); }
static json_t *tuple_of_some(const json_t *v) {
    return json_is_array(v) ? wrap("__tuple__", map(v, tuple_if_list)) : same(v);
}
static json_t *sets(const json_t *v) { return map(v, set); }
static json_t *deep(const json_t *v) { return json_is_array(v) ? wrap("__tuple__", map(v, deep)) : same(v); }

static json_t *values(const json_t *v) {
    json_t *out = json_object(), *item;
    const char *key;
    if (!json_is_object(v)) {
        json_decref(out);
        return same(v);
    }
    json_object_foreach((json_t *)(uintptr_t)v, key, item) {
        if (json_object_set_new(out, key, tuple(item)) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static json_t *real(const json_t *v) {
    return json_is_string(v)    ? json_pack("{s:O}", "__float__", v)
           : json_is_integer(v) ? json_real(json_number_value(v))
                                : same(v);
}

/* "(1+2j)", "2j", "1.5" as Python writes a complex number. */
static json_t *complex_number(const json_t *v) {
    if (json_is_number(v)) return json_pack("{s:[f,f]}", "__complex__", json_number_value(v), 0.0);
    const char *s = json_string_value(v);
    if (!s) return same(v);
    char *end;
    if (*s == '(') s++;
    double first = strtod(s, &end), second = 0;
    if (end == s) return NULL;
    if (*end == 'j') return json_pack("{s:[f,f]}", "__complex__", 0.0, first);
    if (*end == '+' || *end == '-') {
        s = end;
        second = strtod(s, &end);
        if (end == s || *end != 'j') return NULL;
    }
    return json_pack("{s:[f,f]}", "__complex__", first, second);
}

static json_t *repair(enum shape shape, const json_t *input) {
    typedef json_t *(*change)(const json_t *);
    change first = same, second = same, rest = same;
    switch (shape) {
    case EACH: first = second = rest = tuple; break;
    case EACH_OF_EACH: first = second = rest = tuples; break;
    case TUPLES: first = second = rest = tuple_of_tuples; break;
    case TUPLES_SOME: first = tuple_of_some; break;
    case FIRST_EACH: first = tuples; break;
    case FIRST: first = tuple; break;
    case SECOND: second = tuple; break;
    case SETS: first = sets; break;
    case POLAR: first = real, second = complex_number; break;
    case COMPLEX: first = complex_number; break;
    case VALUES: first = values; break;
    case DEEP: first = second = rest = deep; break;
    case AS_IS: break;
    }
    json_t *out = json_array();
    for (size_t i = 0; out && i < json_array_size(input); i++) {
        json_t *v = (i == 0 ? first : i == 1 ? second : rest)(json_array_get(input, i));
        if (json_array_append_new(out, v) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

json_t *pgr_mbpp_repair(size_t number, const json_t *inputs) {
    enum shape shape = shape_of(number);
    if (shape == AS_IS) return same(inputs);
    json_t *out = json_array();
    for (size_t i = 0; out && i < json_array_size(inputs); i++) {
        if (json_array_append_new(out, repair(shape, json_array_get(inputs, i))) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}
