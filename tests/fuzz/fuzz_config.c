/* fuzz_config.c - any bytes as config.json: refused, or a configuration whose layout can be made. */
#include <stdint.h>
#include <stdlib.h>

#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct pgr_config cfg;
    struct pgr_layout l;
    if (pgr_config_parse_hf("fuzz", (const char *)data, n, &cfg) != PGR_OK) return 0;
    if (pgr_config_check(&cfg, "fuzz") != PGR_OK) abort();
    if (pgr_layout_make(&cfg, &l) != PGR_OK) return 0;
    if (!pgr_layout_find(&l, PGR_P_W_DOWN, cfg.n_layer - 1)) abort();
    pgr_layout_free(&l);
    return 0;
}
