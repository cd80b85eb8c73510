/* Bodies of replies that are made once. */
#include "server/kept_body.h"

#include "base/limits.h"
#include "base/mem.h"

static void free_body(void *value)
{
    text *body = value;
    text_clear(body);
    mem_free(body);
}

static assay_code make_text(const body_wanted *wanted, text **out, assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    if (!*out)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a reply");
    text_init(*out, REPORT_BYTES_MOST);
    assay_code code = wanted->make(wanted->context, *out, err);
    if (code == ASSAY_OK)
        code = text_check(*out, err);
    if (code != ASSAY_OK)
        free_body(*out);
    return code;
}

/* Takes the item over, also on failure. */
static assay_code make_item(kept *answers, kept_item *item, const body_wanted *wanted,
                            assay_err *err)
{
    text *body;
    const assay_code code = make_text(wanted, &body, err);
    if (code == ASSAY_OK)
        kept_finish(answers, item, body, body->room + sizeof *body, free_body);
    else
        kept_abandon(answers, item);
    return code;
}

assay_code kept_body(workspace *w, const char *key, const body_wanted *wanted, reply *out,
                     assay_err *err)
{
    kept *answers = workspace_answers(w);
    kept_item *item;
    bool made;
    ASSAY_TRY(kept_take_until(answers, key, wanted->stop, &item, &made, err));
    if (!made)
        ASSAY_TRY(make_item(answers, item, wanted, err));
    const text *body = kept_value(item);
    text_init(&out->body, REPORT_BYTES_MOST);
    text_put(&out->body, text_view(body), body->length);
    kept_release(answers, item);
    return text_check(&out->body, err);
}

assay_code kept_answer(const filter *f, const char *question, const body_wanted *wanted, reply *out,
                       assay_err *err)
{
    text key;
    text_init(&key, REPORT_BYTES_MOST);
    text_printf(&key, "%s\n%s", question, filter_key(f));
    out->revision_plus_one = workspace_revision(filter_view(f)) + 1;
    assay_code code = text_check(&key, err);
    if (code == ASSAY_OK)
        code = kept_body(workspace_of(filter_view(f)), text_view(&key), wanted, out, err);
    text_clear(&key);
    return code;
}
