/* From a body to words of a command. Each option is one word, `--name=value`, so that no value is
 * ever taken for an option. */
#include "server/job_request.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* What `assay add` is asked to add, as bits. */
enum { PREDICTIONS = 1, LABELS = 2, METRICS = 4, TABLES = PREDICTIONS | LABELS | METRICS };

typedef struct known_command {
    const char *words;
    unsigned kind; /* 0: it takes nothing */
} known_command;

static const known_command commands[] = {
    {"measure", 0},
    {"embed", 0},
    {"add predictions", PREDICTIONS},
    {"add labels", LABELS},
    {"add metrics", METRICS},
};

/* A word of the body, the option of the command, and for which kinds there is one. */
typedef struct known_word {
    const char *word, *option;
    unsigned kinds;
} known_word;

static const known_word members[] = {
    {"command", NULL, ~0U},
    {"table", NULL, TABLES},
    {"probabilities", NULL, PREDICTIONS},
    {"logits", "logits", PREDICTIONS},
    {"rows_in_order", "rows-in-order", PREDICTIONS},
    {"model", "model", PREDICTIONS},
    {"columns", NULL, TABLES},
    {"classes", "classes", PREDICTIONS | LABELS},
    {"allow", NULL, TABLES},
    {NULL, NULL, 0},
};

static const known_word columns[] = {
    {"id", "id", TABLES},
    {"label", "label", PREDICTIONS | LABELS},
    {"prediction", "prediction", PREDICTIONS},
    {"confidence", "confidence", PREDICTIONS},
    {NULL, NULL, 0},
};

static const known_word rules[] = {
    {"unmatched", "allow-unmatched", TABLES},
    {"unknown-classes", "allow-unknown-classes", PREDICTIONS | LABELS},
    {"nan", "allow-nan", PREDICTIONS},
    {"any-sum", "allow-any-sum", PREDICTIONS},
    {NULL, NULL, 0},
};

void job_request_clear(job_request *r)
{
    for (size_t i = 0; i < r->option_count; i++)
        mem_free(r->option[i]);
    *r = (job_request){0};
}

static const known_word *find_word(const known_word *words, const char *word, unsigned kind)
{
    for (; words->word; words++) {
        if (strcmp(words->word, word) == 0 && (words->kinds & kind))
            return words;
    }
    return NULL;
}

static assay_code put_option(job_request *r, const char *option, const char *value, assay_err *err)
{
    assert(r->option_count < JOB_OPTIONS_MOST);
    text words;
    text_init(&words, JOB_ARGUMENT_BYTES_MOST);
    text_printf(&words, "--%s%s%s", option, value ? "=" : "", value ? value : "");
    char *copy = words.broken ? NULL : mem_copy_text(text_view(&words), words.length);
    const bool over = words.over;
    text_clear(&words);
    if (over)
        return assay_fail(err, ASSAY_E_USAGE, "'%s' takes more than %d bytes", option,
                          JOB_ARGUMENT_BYTES_MOST);
    if (!copy)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a job");
    r->option[r->option_count++] = copy;
    return ASSAY_OK;
}

/* A text that names something of the file or the model. */
static assay_code put_name(job_request *r, const known_word *w, const json_t *value, assay_err *err)
{
    const char *name = json_string_value(value);
    const size_t length = name ? strlen(name) : 0;
    if (length == 0 || length > NAME_BYTES_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "'%s' is not a text of 1 to %d bytes", w->word,
                          NAME_BYTES_MOST);
    if (utf8_has_controls(name, length))
        return assay_fail(err, ASSAY_E_USAGE,
                          "'%s' has a control character in it; assay add in a terminal takes such "
                          "names",
                          w->word);
    return put_option(r, w->option, name, err);
}

static assay_code put_flag(job_request *r, const known_word *w, const json_t *value, assay_err *err)
{
    if (!json_is_boolean(value))
        return assay_fail(err, ASSAY_E_USAGE, "'%s' is not true or false", w->word);
    return json_is_true(value) ? put_option(r, w->option, NULL, err) : ASSAY_OK;
}

static assay_code read_upload(const json_t *body, const char *member, uint64_t *out, assay_err *err)
{
    const json_t *value = json_object_get(body, member);
    *out = 0;
    if (!value)
        return ASSAY_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return assay_fail(err, ASSAY_E_USAGE, "'%s' is not the number of a file that was sent",
                          member);
    *out = (uint64_t)json_integer_value(value);
    return ASSAY_OK;
}

static assay_code put_columns(job_request *r, const json_t *object, unsigned kind, assay_err *err)
{
    if (object && !json_is_object(object))
        return assay_fail(err, ASSAY_E_USAGE, "'columns' is not an object of columns' names");
    json_t *list = (json_t *)(uintptr_t)object; /* jansson's walk changes nothing */
    for (void *at = json_object_iter(list); at; at = json_object_iter_next(list, at)) {
        const known_word *column = find_word(columns, json_object_iter_key(at), kind);
        if (!column)
            return assay_fail(err, ASSAY_E_USAGE, "%s has no column '%.100s' to choose", r->command,
                              json_object_iter_key(at));
        ASSAY_TRY(put_name(r, column, json_object_iter_value(at), err));
    }
    return ASSAY_OK;
}

/* Names in one word of the command: a comma would part a name, and a word that could be a path
 * might be read as one. */
static assay_code check_class(const json_t *item, assay_err *err)
{
    const char *name = json_string_value(item);
    if (!name || !*name || strlen(name) > NAME_BYTES_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "'classes' is not a list of names");
    if (utf8_has_controls(name, strlen(name)))
        return assay_fail(err, ASSAY_E_USAGE,
                          "the class '%.100s' has a control character in its name; assay add in a "
                          "terminal takes such names",
                          name);
    if (strpbrk(name, ",/"))
        return assay_fail(err, ASSAY_E_USAGE,
                          "the class '%.100s' has a comma or a slash in its name, which 'classes' "
                          "cannot say; assay add reads the names from a file",
                          name);
    return ASSAY_OK;
}

static assay_code put_classes(job_request *r, const known_word *w, const json_t *list,
                              assay_err *err)
{
    if (!json_is_array(list) || json_array_size(list) < 2)
        return assay_fail(err, ASSAY_E_USAGE, "'classes' is not a list of two names or more");
    text names;
    text_init(&names, JOB_ARGUMENT_BYTES_MOST);
    assay_code code = ASSAY_OK;
    for (size_t i = 0; code == ASSAY_OK && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        code = check_class(item, err);
        if (code == ASSAY_OK)
            text_printf(&names, "%s%s", i ? "," : "", json_string_value(item));
    }
    if (code == ASSAY_OK && names.over)
        code = assay_fail(err, ASSAY_E_USAGE, "'classes' takes more than %d bytes",
                          JOB_ARGUMENT_BYTES_MOST);
    else if (code == ASSAY_OK && names.broken)
        code = assay_fail(err, ASSAY_E_NOMEM, "out of memory for a job");
    if (code == ASSAY_OK)
        code = put_option(r, w->option, text_view(&names), err);
    if (code == ASSAY_OK)
        r->classes = strchr(r->option[r->option_count - 1], '=') + 1;
    text_clear(&names);
    return code;
}

/* Each rule once. */
static assay_code put_rules(job_request *r, const json_t *list, unsigned kind, assay_err *err)
{
    unsigned seen = 0;
    if (list && !json_is_array(list))
        return assay_fail(err, ASSAY_E_USAGE, "'allow' is not a list of rules");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        const known_word *rule = word ? find_word(rules, word, kind) : NULL;
        if (!rule)
            return assay_fail(err, ASSAY_E_USAGE, "%s has no '%.100s' to allow", r->command,
                              word ? word : "");
        const unsigned bit = 1U << (unsigned)(rule - rules);
        if (seen & bit)
            return assay_fail(err, ASSAY_E_USAGE, "'%s' is allowed twice", word);
        seen |= bit;
        ASSAY_TRY(put_option(r, rule->option, NULL, err));
    }
    return ASSAY_OK;
}

static assay_code read_command(const json_t *body, job_request *out, unsigned *kind, assay_err *err)
{
    const char *words = json_string_value(json_object_get(body, "command"));
    if (!words)
        return assay_fail(err, ASSAY_E_USAGE,
                          "a job is {\"command\": \"measure\"}, or another command");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].words, words) == 0) {
            out->command = commands[i].words;
            *kind = commands[i].kind;
            return ASSAY_OK;
        }
    }
    return assay_fail(err, ASSAY_E_USAGE,
                      "there is no job '%.40s'; use measure, embed, add predictions, add labels or "
                      "add metrics",
                      words);
}

static assay_code check_members(const json_t *body, const job_request *r, unsigned kind,
                                assay_err *err)
{
    json_t *object = (json_t *)(uintptr_t)body; /* jansson's walk changes nothing */
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        if (strcmp(key, "command") != 0 && !find_word(members, key, kind))
            return assay_fail(err, ASSAY_E_USAGE, "%s takes no '%.100s'", r->command, key);
    }
    return ASSAY_OK;
}

/* Refused here, before the files are the job's: it could only fail. */
static assay_code check_files(const json_t *body, const job_request *r, assay_err *err)
{
    if (r->table != 0)
        return ASSAY_OK;
    if (r->probabilities == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s needs a 'table', the number of a file that was "
                          "sent",
                          r->command);
    if (!json_is_true(json_object_get(body, "rows_in_order")))
        return assay_fail(err, ASSAY_E_USAGE,
                          "probabilities without a table need 'rows_in_order': row i is the "
                          "project's sample i");
    return ASSAY_OK;
}

static assay_code read_adding(const json_t *body, unsigned kind, job_request *out, assay_err *err)
{
    ASSAY_TRY(read_upload(body, "table", &out->table, err));
    ASSAY_TRY(read_upload(body, "probabilities", &out->probabilities, err));
    ASSAY_TRY(check_files(body, out, err));
    for (const known_word *w = members; w->word; w++) {
        const json_t *value = w->option ? json_object_get(body, w->word) : NULL;
        if (!value)
            continue;
        if (strcmp(w->word, "classes") == 0)
            ASSAY_TRY(put_classes(out, w, value, err));
        else if (strcmp(w->word, "model") == 0)
            ASSAY_TRY(put_name(out, w, value, err));
        else
            ASSAY_TRY(put_flag(out, w, value, err));
    }
    ASSAY_TRY(put_columns(out, json_object_get(body, "columns"), kind, err));
    return put_rules(out, json_object_get(body, "allow"), kind, err);
}

assay_code job_request_read(const json_t *body, job_request *out, assay_err *err)
{
    *out = (job_request){0};
    unsigned kind = 0;
    assay_code code = read_command(body, out, &kind, err);
    if (code == ASSAY_OK)
        code = check_members(body, out, kind, err);
    if (code == ASSAY_OK && kind != 0)
        code = read_adding(body, kind, out, err);
    if (code != ASSAY_OK)
        job_request_clear(out);
    return code;
}

assay_code job_request_put_array(job_request *r, const char *name, assay_err *err)
{
    return put_option(r, "probabilities", name, err);
}

assay_code job_request_check_names(const job_request *r, const char *table, const char *other,
                                   assay_err *err)
{
    if (!r->classes || (strcmp(r->classes, table) != 0 && strcmp(r->classes, other) != 0))
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_USAGE,
                      "'classes' is read as the file '%s', which was sent; rename the file",
                      r->classes);
}
