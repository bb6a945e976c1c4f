/* The endpoint client against a server that is rude in every way (rude_server.py). */
#define _GNU_SOURCE
#include "test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "net/client.h"

static pid_t server;
static char url[64], dir[256], log_path[300];

static int start(void **state) {
    int pipe_fd[2];
    char port[16] = "";
    (void)state;
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("OPENAI_API_KEY");
    test_tmpdir(dir);
    snprintf(log_path, sizeof log_path, "%s/log", dir);
    if (pipe(pipe_fd) != 0) return -1;
    server = fork();
    if (server == 0) {
        dup2(pipe_fd[1], 1);
        execlp("python3", "python3", "tests/net/rude_server.py", "--log", log_path, (char *)NULL);
        _exit(127);
    }
    close(pipe_fd[1]);
    for (size_t n = 0; n + 1 < sizeof port && read(pipe_fd[0], port + n, 1) == 1 && port[n] != '\n';) n++;
    close(pipe_fd[0]);
    if (atoi(port) <= 0) return -1;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", atoi(port));
    return 0;
}

static int stop(void **state) {
    (void)state;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static struct pgr_net *open_with(struct pgr_net_opts o) {
    struct pgr_net *n = NULL;
    if (!o.url) o.url = url;
    if (o.backoff_s <= 0) o.backoff_s = 0.01;
    assert_ok(pgr_net_open(&o, &n));
    return n;
}

static void submit(struct pgr_net *n, uint64_t tag, const char *words, const char *text) {
    const struct pgr_net_msg msg[] = {{"system", "be brief"}, {"user", text}};
    struct pgr_net_request r = {.tag = tag, .model = words, .msg = msg, .n_msg = 2, .max_tokens = 9, .seed = -1};
    assert_ok(pgr_net_submit(n, &r));
}

static struct pgr_net_reply wait_reply(struct pgr_net *n) {
    struct pgr_net_reply r = {.tag = 0};
    bool got = false;
    assert_ok(pgr_net_poll(n, 30, &r, &got));
    assert_true(got);
    return r;
}

/* One request alone; the text must be one that no other test sends. */
static struct pgr_net_reply ask(struct pgr_net_opts o, const char *words, const char *text) {
    struct pgr_net *n = open_with(o);
    submit(n, 5, words, text);
    assert_int_equal(pgr_net_pending(n), 1);
    struct pgr_net_reply r = wait_reply(n);
    assert_int_equal(r.tag, 5);
    assert_int_equal(pgr_net_pending(n), 0);
    pgr_net_close(n);
    return r;
}

static void expect_answer(const char *words, const char *text, size_t n_tries) {
    struct pgr_net_reply r = ask((struct pgr_net_opts){.total_s = 20}, words, text);
    char want[200];
    if (r.fault != PGR_NET_NONE) fail_msg("%s: %s", words, r.why);
    snprintf(want, sizeof want, "echo: %s", text);
    assert_string_equal(r.text, want);
    assert_int_equal(r.n_bytes, strlen(want));
    assert_int_equal(r.n_tries, n_tries);
    assert_null(r.why);
    pgr_net_reply_free(&r);
}

static void expect_fault(struct pgr_net_opts o, const char *words, const char *text, pgr_net_fault fault,
                         size_t n_tries, const char *why) {
    struct pgr_net_reply r = ask(o, words, text);
    if (r.fault != fault)
        fail_msg("%s: %s, want %s: %s", words, pgr_net_fault_text(r.fault), pgr_net_fault_text(fault), r.why);
    assert_null(r.text);
    assert_int_equal(r.n_tries, n_tries);
    if (!strstr(r.why, why)) fail_msg("%s: \"%s\" lacks \"%s\"", words, r.why, why);
    assert_null(strpbrk(r.why, "\n\033"));
    pgr_net_reply_free(&r);
}

static void an_answer_carries_text_tokens_and_finish(void **state) {
    (void)state;
    struct pgr_net_reply r = ask((struct pgr_net_opts){.total_s = 20}, "think", "one");
    assert_string_equal(r.text, "echo: one");
    assert_string_equal(r.reasoning, "hm");
    assert_int_equal(r.finish, PGR_NET_FINISH_STOP);
    assert_true(r.has_usage);
    assert_int_equal(r.n_prompt_tok, 7);
    assert_int_equal(r.n_tok, 3);
    pgr_net_reply_free(&r);
    r = ask((struct pgr_net_opts){.total_s = 20}, "length", "two");
    assert_int_equal(r.finish, PGR_NET_FINISH_LENGTH);
    pgr_net_reply_free(&r);
}

static void a_request_carries_what_was_asked(void **state) {
    (void)state;
    static const char *const stop_text[] = {"\nend"};
    struct pgr_net *n = open_with((struct pgr_net_opts){.total_s = 20});
    struct pgr_net_request r = {.tag = 1,
                                .model = "ok",
                                .prompt = "continue \"\u00e9\" \\ this",
                                .temperature = 0.5,
                                .top_p = 0.25,
                                .max_tokens = 12,
                                .stop = stop_text,
                                .n_stop = 1,
                                .seed = 77};
    assert_ok(pgr_net_submit(n, &r));
    struct pgr_net_reply reply = wait_reply(n);
    assert_string_equal(reply.text, "echo: continue \"\u00e9\" \\ this");
    pgr_net_reply_free(&reply);
    pgr_net_close(n);
    struct pgr_buf log = PGR_BUF_INIT;
    assert_ok(pgr_file_read(log_path, 1 << 24, &log));
    const char *line = strstr(pgr_buf_str(&log), "continue \\\"");
    assert_non_null(line);
    while (line > log.data && line[-1] != '\n') line--;
    json_t *o = NULL;
    assert_ok(pgr_json_parse("log", line, strcspn(line, "\n"), &o));
    assert_string_equal(json_string_value(json_object_get(o, "path")), "/v1/completions");
    assert_true(json_is_null(json_object_get(o, "key")));
    json_t *want = json_pack("{s:s,s:s,s:f,s:f,s:i,s:i,s:[s]}", "model", "ok", "prompt", r.prompt, "temperature", 0.5,
                             "top_p", 0.25, "max_tokens", 12, "seed", 77, "stop", "\nend");
    assert_true(json_equal(json_object_get(o, "body"), want));
    json_decref(want);
    json_decref(o);
    pgr_buf_free(&log);
}

static void faults_that_pass_are_tried_again(void **state) {
    (void)state;
    expect_answer("ok", "again 0", 1);
    expect_answer("500,503,ok", "again 1", 3);
    expect_answer("drop,ok", "again 2", 2);
    expect_answer("half,ok", "again 3", 2);
    expect_answer("cut,ok", "again 4", 2);
    expect_answer("garbage,list,ok", "again 5", 3);
    expect_answer("error,null,ok", "again 6", 3);
    expect_answer("noise,s502,ok", "again 7", 3);
    expect_answer("408,425,s429,ok", "again 8", 4);
}

static void faults_are_told_apart(void **state) {
    (void)state;
    const struct pgr_net_opts two = {.max_tries = 2, .total_s = 20};
    expect_fault(two, "drop", "apart 0", PGR_NET_DROPPED, 2, "connection broke: ");
    expect_fault(two, "half", "apart 1", PGR_NET_DROPPED, 2, "connection broke: ");
    expect_fault(two, "cut", "apart 2", PGR_NET_BAD_REPLY, 2, "not valid JSON");
    expect_fault(two, "garbage", "apart 3", PGR_NET_BAD_REPLY, 2, "not an endpoint's reply: the reply: not valid JSON");
    expect_fault(two, "list", "apart 4", PGR_NET_BAD_REPLY, 2, "must be a JSON object");
    expect_fault(two, "error", "apart 5", PGR_NET_BAD_REPLY, 2, "status 200 with an error: model overloaded");
    expect_fault(two, "null", "apart 6", PGR_NET_BAD_REPLY, 2, "choices[0].message.content of the reply must be text");
    expect_fault(two, "noise", "apart 7", PGR_NET_BAD_REPLY, 2, "not an endpoint's reply");
    expect_fault(two, "500", "apart 8", PGR_NET_SERVER, 2, "status 500: the message of 500 (2 tries)");
    expect_fault(two, "429", "apart 9", PGR_NET_BUSY, 2, "too many requests: status 429: the message of 429");
    expect_fault(two, "501", "apart 10", PGR_NET_SERVER, 1, "status 501");
    expect_fault(two, "404", "apart 11", PGR_NET_REFUSED, 1, "refused: status 404: the message of 404 (1 try)");
    expect_fault(two, "s400", "apart 12", PGR_NET_REFUSED, 1, "refused: status 400 (1 try)");
    expect_fault(two, "move", "apart 13", PGR_NET_REFUSED, 1, "not followed");
    const struct pgr_net_opts small = {.max_tries = 3, .max_reply_bytes = 1000000, .total_s = 20};
    expect_fault(small, "huge", "apart 14", PGR_NET_TOO_LARGE, 1, "more than 1000000 bytes");
    const struct pgr_net_opts hasty = {.max_tries = 2, .total_s = 0.2};
    expect_fault(hasty, "slow", "apart 15", PGR_NET_TIMEOUT, 2, "no answer in time");
    const struct pgr_net_opts nobody = {.url = "http://127.0.0.1:1", .max_tries = 3};
    expect_fault(nobody, "ok", "apart 16", PGR_NET_UNREACHABLE, 3, "http://127.0.0.1:1/v1: no connection");
}

static void retry_after_holds_everything_back(void **state) {
    (void)state;
    static const char *const words[] = {"busy2,ok", "date3,ok"};
    for (size_t i = 0; i < 2; i++) {
        struct pgr_net *n = open_with((struct pgr_net_opts){.max_in_flight = 1, .total_s = 20});
        double t0 = pgr_now_s();
        char text[2][32];
        snprintf(text[0], 32, "hold %zu", i);
        snprintf(text[1], 32, "behind %zu", i);
        submit(n, 0, words[i], text[0]);
        submit(n, 1, "ok", text[1]);
        for (int k = 0; k < 2; k++) {
            struct pgr_net_reply r = wait_reply(n);
            assert_int_equal(r.fault, PGR_NET_NONE);
            /* a date has whole seconds, and so has the client's count: 3 may mean little more than 1 */
            if (pgr_now_s() - t0 < (i ? 1 : 2)) fail_msg("%s: answered after %.2f s", words[i], pgr_now_s() - t0);
            pgr_net_reply_free(&r);
        }
        pgr_net_close(n);
    }
    const struct pgr_net_opts o = {.retry_after_max_s = 5, .total_s = 20};
    expect_fault(o, "busy60", "hold 9", PGR_NET_BUSY, 1, "wants to be left alone for 60 s, more than 5");
    expect_answer("busy0,ok", "hold 10", 2);
    expect_answer("busysoon,ok", "hold 11", 2);
    expect_answer("date-50,ok", "hold 12", 2);
}

static void many_are_in_flight_and_none_is_lost(void **state) {
    (void)state;
    enum { N = 100, AT_ONCE = 8 };
    static const char *const words[] = {"ok", "500,ok", "drop,ok", "half,ok", "404"};
    bool seen[N] = {false};
    struct pgr_net *n = open_with((struct pgr_net_opts){.max_in_flight = AT_ONCE, .total_s = 30});
    char text[32];
    for (size_t i = 0; i < N; i++) {
        snprintf(text, sizeof text, "many %zu", i);
        submit(n, i, words[i % 5], text);
    }
    for (size_t k = 0; k < N; k++) {
        assert_int_equal(pgr_net_pending(n), N - k);
        struct pgr_net_reply r = wait_reply(n);
        assert_true(r.tag < N && !seen[r.tag]);
        seen[r.tag] = true;
        snprintf(text, sizeof text, "echo: many %zu", (size_t)r.tag);
        if (r.tag % 5 == 4)
            assert_int_equal(r.fault, PGR_NET_REFUSED);
        else
            assert_string_equal(r.text, text);
        pgr_net_reply_free(&r);
    }
    struct pgr_net_stats stats;
    pgr_net_stats(n, &stats);
    assert_int_equal(stats.n_answered, 80);
    assert_int_equal(stats.n_failed, 20);
    /* libcurl itself sends again what meets a closed end on a connection used before: up to the 20 of "drop" */
    assert_in_range(stats.n_sent, 100 + 40, 100 + 60);
    assert_int_equal(stats.by_fault[PGR_NET_SERVER], 20);
    assert_int_equal(stats.by_fault[PGR_NET_DROPPED], stats.n_sent - 120);
    pgr_net_close(n);
    /* the server saw several at once */
    struct pgr_buf log = PGR_BUF_INIT;
    assert_ok(pgr_file_read(log_path, 1 << 24, &log));
    int most = 0;
    for (char *line = log.data, *at; line && (at = strstr(line, "\"active\": ")); line = at + 1)
        if (atoi(at + 10) > most) most = atoi(at + 10);
    if (most < 2) fail_msg("%d request at a time", most);
    pgr_buf_free(&log);
}

static void the_key_is_sent_and_never_told(void **state) {
    (void)state;
    setenv("PGRPO_TEST_KEY", "sk-very/secret+42", 1);
    struct pgr_net_opts o = {.key_env = "PGRPO_TEST_KEY", .max_tries = 2, .total_s = 20};
    static const char *const words[] = {"echokey", "leakjson", "garbage"};
    char text[32];
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "key %zu", i);
        struct pgr_net_reply r = ask(o, words[i], text);
        assert_non_null(r.why);
        if (strstr(r.why, "sk-v") || strstr(r.why, "secret")) fail_msg("told: %s", r.why);
        pgr_net_reply_free(&r);
    }
    struct pgr_buf log = PGR_BUF_INIT;
    assert_ok(pgr_file_read(log_path, 1 << 24, &log));
    assert_non_null(strstr(log.data, "\"Bearer sk-very/secret+42\""));
    pgr_buf_free(&log);
    struct pgr_net *n = NULL;
    o.url = url;
    setenv("PGRPO_TEST_KEY", "two\r\nX-Header: lines", 1);
    assert_fails_with(pgr_net_open(&o, &n), PGR_E_USAGE, "PGRPO_TEST_KEY");
    assert_null(strstr(pgr_err_detail(), "lines"));
    unsetenv("PGRPO_TEST_KEY");
}

static void giving_up_ends_what_waits(void **state) {
    (void)state;
    struct pgr_net *n =
        open_with((struct pgr_net_opts){.max_in_flight = 2, .backoff_s = 100, .backoff_max_s = 100, .total_s = 20});
    struct pgr_net_reply r;
    bool got;
    submit(n, 0, "500", "up 0");
    submit(n, 1, "500", "up 1");
    submit(n, 2, "ok", "up 2");
    struct pgr_net_stats stats = {.n_sent = 0};
    for (double t0 = pgr_now_s(); stats.by_fault[PGR_NET_SERVER] < 2; pgr_net_stats(n, &stats)) {
        assert_ok(pgr_net_poll(n, 0.05, &r, &got));
        assert_false(got);
        assert_true(pgr_now_s() < t0 + 20);
    }
    pgr_net_give_up(n);
    for (int i = 0; i < 3; i++) {
        r = wait_reply(n);
        assert_int_equal(r.fault, r.tag == 2 ? PGR_NET_GIVEN_UP : PGR_NET_SERVER);
        if (r.tag != 2) assert_non_null(strstr(r.why, "status 500: the message of 500"));
        pgr_net_reply_free(&r);
    }
    assert_int_equal(pgr_net_pending(n), 0);
    submit(n, 3, "ok", "up 3");
    r = wait_reply(n);
    assert_int_equal(r.fault, PGR_NET_GIVEN_UP);
    pgr_net_reply_free(&r);
    submit(n, 4, "ok", "up 4"); /* closing with a reply that nobody took */
    pgr_net_close(n);
}

static void addresses_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *url, *shown;
    } good[] = {{"http://h:8000", "http://h:8000/v1"},
                {"http://h:8000/", "http://h:8000/v1"},
                {"https://h/v1/", "https://h/v1"},
                {"https://h/api/v2/chat/completions", "https://h/api/v2"},
                {"https://h/api/completions", "https://h/api"},
                {"https://h/v1?key=hidden", "https://h/v1"}};
    static const char *const bad[] = {"h:8000",          "ftp://h/v1",    "file:///etc/passwd",
                                      "http://",         "http://a b/",   "http://user@h/v1",
                                      "http://u:p@h/v1", "http://h/v1#x", ""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct pgr_net *n = open_with((struct pgr_net_opts){.url = good[i].url});
        assert_string_equal(pgr_net_where(n), good[i].shown);
        pgr_net_close(n);
    }
    struct pgr_net *n = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_fails_with(pgr_net_open(&(struct pgr_net_opts){.url = bad[i]}, &n), PGR_E_USAGE, "address");
        assert_null(n);
    }
    assert_fails_with(pgr_net_open(&(struct pgr_net_opts){.url = url, .max_in_flight = 5000}, &n), PGR_E_RANGE, "5000");
    assert_fails_with(pgr_net_open(&(struct pgr_net_opts){.url = url, .total_s = -1}, &n), PGR_E_RANGE, "-1");
    n = open_with((struct pgr_net_opts){.url = url});
    struct pgr_net_request r = {.model = "ok", .prompt = "\xff", .seed = -1};
    assert_fails_with(pgr_net_submit(n, &r), PGR_E_RANGE, "\"prompt\" is not UTF-8");
    r.prompt = NULL;
    assert_fails_with(pgr_net_submit(n, &r), PGR_E_RANGE, "without a prompt");
    assert_int_equal(pgr_net_pending(n), 0);
    pgr_net_close(n);
}

int main(void) {
    if (system("python3 -c '' >/dev/null 2>&1") != 0) {
        puts("python3 is not installed: skipped");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_carries_text_tokens_and_finish),
        cmocka_unit_test(a_request_carries_what_was_asked),
        cmocka_unit_test(faults_that_pass_are_tried_again),
        cmocka_unit_test(faults_are_told_apart),
        cmocka_unit_test(retry_after_holds_everything_back),
        cmocka_unit_test(many_are_in_flight_and_none_is_lost),
        cmocka_unit_test(the_key_is_sent_and_never_told),
        cmocka_unit_test(giving_up_ends_what_waits),
        cmocka_unit_test(addresses_are_checked),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
