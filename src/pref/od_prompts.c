/* od_prompts.c - see od_prompts.h. */
#include "pref/od_prompts.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "pref/od_check.h"
#include "pref/od_embed.h"
#include "pref/prompt_set.h"

const char *pgr_od_dimension_name(size_t d) {
    static const char *const names[PGR_OD_N_DIMENSION] = {
#define X(name) #name,
        PGR_OD_DIMENSION_LIST(X)
#undef X
    };
    return names[d];
}

const char *pgr_od_slot_name(size_t slot) {
    static const char *const names[PGR_OD_N_SLOT] = {"base",
#define X(name) #name "/optimized", #name "/degraded",
                                                     PGR_OD_DIMENSION_LIST(X)
#undef X
    };
    return names[slot];
}

pgr_err pgr_od_prompts_load(const char *dir, struct pgr_od_prompts *out) {
    struct pgr_od_prompts p = {0};
#define FILE_OF(symbol, place) #symbol, pgr_od_##symbol, &pgr_od_##symbol##_bytes, place
    const struct pgr_prompt_file files[] = {
        {FILE_OF(version, NULL), {NULL}},
        {FILE_OF(system, &p.system), {NULL}},
        {FILE_OF(base, &p.base), {"{problem}"}},
        {FILE_OF(rewrite, &p.rewrite), {"{reasoning}", "{change}"}},
        {FILE_OF(optimized_factual_accuracy, &p.change[0]), {NULL}},
        {FILE_OF(degraded_factual_accuracy, &p.change[1]), {NULL}},
        {FILE_OF(optimized_logical_rigor, &p.change[2]), {NULL}},
        {FILE_OF(degraded_logical_rigor, &p.change[3]), {NULL}},
        {FILE_OF(optimized_logical_coherence, &p.change[4]), {NULL}},
        {FILE_OF(degraded_logical_coherence, &p.change[5]), {NULL}},
        {FILE_OF(solve_system, &p.solve_system), {NULL}},
        {FILE_OF(solve, &p.solve), {"{problem}", "{reasoning}"}},
    };
#undef FILE_OF
    PGR_TRY(pgr_prompt_set_load(dir, PGR_COUNT(files), files, &p.version));
    *out = p;
    return PGR_OK;
}

void pgr_od_prompts_free(struct pgr_od_prompts *p) {
    pgr_free(p->version);
    pgr_free(p->system);
    pgr_free(p->base);
    pgr_free(p->rewrite);
    pgr_free(p->solve_system);
    pgr_free(p->solve);
    for (size_t i = 0; i < PGR_OD_N_SLOT - 1; i++) pgr_free(p->change[i]);
    *p = (struct pgr_od_prompts){0};
}

void pgr_od_prompts_render(const struct pgr_od_prompts *p, size_t slot, const char *problem, const char *base,
                           struct pgr_buf *out) {
    char words[24] = "";
    if (base) snprintf(words, sizeof words, "%zu", pgr_od_count_words(base));
    const struct pgr_prompt_place place[] = {{"{problem}", problem},
                                             {"{reasoning}", base ? base : ""},
                                             {"{change}", slot > 0 ? p->change[slot - 1] : ""},
                                             {"{words}", words}};
    pgr_prompt_fill(slot > 0 ? p->rewrite : p->base, PGR_COUNT(place), place, out);
}

void pgr_od_prompts_render_solve(const struct pgr_od_prompts *p, const struct pgr_task *t, const char *reasoning,
                                 struct pgr_buf *out) {
    const struct pgr_prompt_place place[] = {
        {"{problem}", t->prompt}, {"{starter}", t->starter_code ? t->starter_code : ""}, {"{reasoning}", reasoning}};
    pgr_prompt_fill(p->solve, PGR_COUNT(place), place, out);
}
