/* cmd_tokenize.c - `pgrpo tokenize`: text to token ids and back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "base/mem.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "text/tok.h"

static pgr_err read_stdin(struct pgr_buf *b) {
    char chunk[1 << 16];
    for (;;) {
        size_t n = fread(chunk, 1, sizeof chunk, stdin);
        pgr_buf_add(b, chunk, n);
        PGR_TRY(pgr_buf_ok(b));
        if (n < sizeof chunk) break;
    }
    return ferror(stdin) ? pgr_fail(PGR_E_IO, "cannot read standard input: %s", strerror(errno)) : PGR_OK;
}

static pgr_err write_stdout(const struct pgr_buf *b) {
    PGR_TRY(pgr_buf_ok(b));
    if (b->len > 0 && fwrite(b->data, 1, b->len, stdout) != b->len)
        return pgr_fail(PGR_E_IO, "cannot write to standard output: %s", strerror(errno));
    return PGR_OK;
}

/* Ids separated by white space or commas, maybe in brackets: both formats that this command prints. */
static pgr_err parse_ids(const struct pgr_buf *text, struct pgr_ids *ids) {
    const char *s = pgr_buf_str(text), *end = s + text->len;
    while (s < end) {
        if (strchr(" \t\r\n,[]", *s) && *s) {
            s++;
            continue;
        }
        char *after;
        errno = 0;
        long v = strtol(s, &after, 10);
        if (after == s || errno || v < 0 || v > INT32_MAX || (after < end && !strchr(" \t\r\n,]", *after)))
            return pgr_fail(PGR_E_FORMAT, "standard input: byte %zu: a token id must be a whole number, 0 or more",
                            (size_t)(s - pgr_buf_str(text)));
        PGR_TRY(pgr_ids_add(ids, (int32_t)v));
        s = after;
    }
    return PGR_OK;
}

static void format_ids(const struct pgr_ids *ids, bool as_array, struct pgr_buf *out) {
    if (as_array) pgr_buf_addc(out, '[');
    for (size_t i = 0; i < ids->n; i++) {
        char digits[16];
        int n = snprintf(digits, sizeof digits, "%s%d", i == 0 ? "" : as_array ? "," : " ", (int)ids->id[i]);
        pgr_buf_add(out, digits, (size_t)n);
    }
    pgr_buf_adds(out, as_array ? "]\n" : "\n");
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    const char *model = NULL;
    bool as_line = false, decode = false, plain = false;
    const struct pgr_opt opts[] = {{"model", PGR_OPT_STR, &model, 0, 0},
                                   {"ids", PGR_OPT_FLAG, &as_line, 0, 0},
                                   {"decode", PGR_OPT_FLAG, &decode, 0, 0},
                                   {"plain", PGR_OPT_FLAG, &plain, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!model) return pgr_fail(PGR_E_USAGE, "--model is missing; see --help");
    if (decode && (as_line || plain))
        return pgr_fail(PGR_E_USAGE, "--decode goes with neither --ids nor --plain; see --help");

    struct pgr_buf in = PGR_BUF_INIT, out = PGR_BUF_INIT;
    struct pgr_ids ids = {NULL, 0, 0};
    struct pgr_tok *tok = NULL;
    char *path = NULL;
    pgr_err err;
    PGR_TRY_GOTO(pgr_model_path_resolve(model, &path));
    PGR_TRY_GOTO(pgr_tok_open(path, &tok));
    PGR_TRY_GOTO(read_stdin(&in));
    if (decode) {
        PGR_TRY_GOTO(parse_ids(&in, &ids));
        PGR_TRY_GOTO(pgr_tok_decode(tok, ids.id, ids.n, false, &out));
    } else {
        PGR_TRY_GOTO(pgr_tok_encode(tok, pgr_buf_str(&in), in.len, !plain, &ids));
        format_ids(&ids, !as_line, &out);
    }
    err = write_stdout(&out);
out:
    pgr_buf_free(&in);
    pgr_buf_free(&out);
    pgr_ids_free(&ids);
    pgr_free(path);
    pgr_tok_close(tok);
    return err;
}

const struct pgr_command pgr_cmd_tokenize = {
    "tokenize", "text to token ids and back",
    "Usage: pgrpo tokenize --model MODEL [--ids [--plain] | --plain | --decode] < INPUT > OUTPUT\n\n"
    "Reads a text from standard input and writes its token ids as one JSON array on one line, e.g. [9707,11,1879].\n"
    "The text of added tokens such as <|im_end|> becomes their ids; BOS is not added; every byte counts, also the\n"
    "last newline. Bytes that are not UTF-8 are encoded byte by byte.\n\n"
    "  --model MODEL  a Hugging Face folder (with tokenizer.json), a GGUF file or a fetched name\n"
    "  --ids          write the ids on one line with spaces between instead\n"
    "  --plain        no added tokens: <|im_end|> is text like any other\n"
    "  --decode       the other way: ids from standard input (in either format) to the bytes they stand for\n",
    run};
