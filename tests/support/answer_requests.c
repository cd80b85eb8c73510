/* Answers requests without a socket: each line of standard input is [path, [name, value], …], each
 * line of standard output {"status": …, "body": …}. For tests that look at replies from outside.
 *
 *     answer_requests FOLDER      makes served.assay in the folder, and serves it
 */
#include "support/served.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 1 << 16, PARAMETERS_MOST = 16 };

static void answer(workspace *w, const json_t *asked)
{
    request_parameter parameter[PARAMETERS_MOST];
    request q = {.method = "GET", .parameter = parameter};
    q.path = json_string_value(json_array_get(asked, 0));
    for (size_t i = 1; i < json_array_size(asked) && i <= PARAMETERS_MOST; i++) {
        const json_t *pair = json_array_get(asked, i);
        parameter[q.parameter_count++] = (request_parameter){
            json_string_value(json_array_get(pair, 0)), json_string_value(json_array_get(pair, 1))};
    }
    bool known;
    const route *r = route_find(q.method, q.path, &q.number, &known);
    reply out = {0};
    assay_err err = {0};
    if (!r)
        reply_refuse(&out, 404, "not_found", "there is no such page");
    else if (r->handle(w, &q, &out, &err) != ASSAY_OK)
        reply_fail(&out, &err);
    json_t *body = json_loads(text_view(&out.body), JSON_REJECT_DUPLICATES, NULL);
    json_t *line = json_pack("{s:i,s:o}", "status", (int)(out.status ? out.status : 200), "body",
                             body ? body : json_null());
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
    reply_clear(&out);
}

int main(int argc, char **argv)
{
    if (argc != 2 || chdir(argv[1]))
        return 2;
    served_make();
    workspace *w = served_open();
    static char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin)) {
        json_t *asked = json_loads(line, 0, NULL);
        answer(w, asked);
        json_decref(asked);
    }
    workspace_close(w);
    return 0;
}
