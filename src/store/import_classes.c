/* From names as the files have them to classes; and ids that must not occur twice. */
#include "store/import_parts.h"

#include "base/threads.h"
#include "store/class_map.h"
#include "store/ids.h"
#include "store/source.h"

#include <stdio.h>
#include <string.h>

enum { MAP_CHUNK = 1 << 18 };

/* Codes that all have a class: many threads may map them. */
typedef struct known_codes {
    const uint16_t *map;
    uint16_t *code;
    size_t count;
} known_codes;

static int map_known(void *context, size_t chunk, int worker)
{
    (void)worker;
    const known_codes *k = context;
    const size_t begin = chunk * MAP_CHUNK;
    const size_t end = begin + MAP_CHUNK < k->count ? begin + MAP_CHUNK : k->count;
    for (size_t i = begin; i < end; i++)
        k->code[i] = k->code[i] == CLASS_MISSING ? CLASS_MISSING : k->map[k->code[i]];
    return 0;
}

static bool knows_all(const import_state *s)
{
    for (uint32_t i = 0; i < s->t.classes.count; i++) {
        if (s->map[i] == CLASS_MISSING)
            return false;
    }
    return true;
}

static void map_codes(const import_state *s, uint16_t *code, const char *path, const char *what,
                      bad_rows *unknown)
{
    if (knows_all(s)) {
        known_codes k = {s->map, code, s->f->row_count};
        (void)threads_run((k.count + MAP_CHUNK - 1) / MAP_CHUNK, s->request->thread_count,
                          map_known, &k);
        return;
    }
    for (size_t row = 0; row < s->f->row_count; row++) {
        if (code[row] == CLASS_MISSING)
            continue;
        const uint16_t mapped = s->map[code[row]];
        if (mapped == CLASS_MISSING && unknown->count < BAD_ROWS_SHOWN) {
            size_t length;
            char shown[80];
            const char *at = dictionary_text(&s->t.classes, code[row], &length);
            source_show_value(at, length, shown);
            bad_rows_add(unknown, import_file_row(s, path, row),
                         "%s '%s' is not one of the %u classes", what, shown, s->f->classes.count);
        } else {
            unknown->count += mapped == CLASS_MISSING;
        }
        code[row] = mapped;
    }
}

static assay_code check_unknown(import_state *s, const bad_rows *unknown, const char *path,
                                bool prediction, assay_err *err)
{
    if (unknown->count == 0)
        return ASSAY_OK;
    s->notes->unknown_classes += unknown->count;
    if (s->request->allow_unknown_classes)
        return ASSAY_OK;
    char have[80];
    snprintf(have, sizeof have, "a %s that is not one of the %u classes",
             prediction ? "prediction" : "label", s->f->classes.count);
    const bad_rows_words words = {path, path == s->t.path ? 1 : 0, have,
                                  "; --allow-unknown-classes counts it as missing"};
    return bad_rows_fail(unknown, &words, err);
}

static assay_code map_both(import_state *s, assay_err *err)
{
    bad_rows unknown = {0};
    if (s->label)
        map_codes(s, s->label, s->label_path, "label", &unknown);
    ASSAY_TRY(check_unknown(s, &unknown, s->label_path, false, err));
    if (!s->prediction)
        return ASSAY_OK;
    unknown = (bad_rows){0};
    map_codes(s, s->prediction, s->prediction_path, "prediction", &unknown);
    return check_unknown(s, &unknown, s->prediction_path, true, err);
}

/* Nothing in the files tells whether the columns of a matrix stand in the order of the names. */
static assay_code note_order(import_state *s, assay_err *err)
{
    const class_list *classes = &s->f->classes;
    for (uint32_t k = 0; k < classes->count; k++) {
        char number[12];
        snprintf(number, sizeof number, "%u", k);
        if (strcmp(classes->name[k], number) != 0)
            return import_notes_warn(s->notes, err,
                                     "%s: without --classes its columns are taken to be the "
                                     "classes in the order of their names",
                                     s->request->probabilities_path);
    }
    return ASSAY_OK;
}

assay_code import_classes(import_state *s, assay_err *err)
{
    const bool known = s->request->known_classes && !s->request->classes;
    const bool given = s->request->classes || known;
    const probabilities *p = s->f->probability;
    s->notes->classes_given = given;
    s->map = mem_alloc((size_t)s->t.classes.count + 1, sizeof *s->map);
    if (!s->map)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the classes");
    const class_sources from = {.raw = &s->t.classes,
                                .place_class = s->t.place_class,
                                .place_count = s->t.place_count,
                                .matrix_columns = p ? p->values.column_count : 0,
                                .path = s->label_path ? s->label_path : s->prediction_path,
                                .matrix_path = s->request->probabilities_path,
                                .may_grow = known};
    const uint32_t before = s->f->classes.count;
    ASSAY_TRY(class_map_make(&from, given, &s->f->classes, s->map, err));
    s->notes->new_classes = known ? s->f->classes.count - before : 0;
    if (!given && s->request->probabilities_path)
        ASSAY_TRY(note_order(s, err));
    return map_both(s, err);
}

static assay_code find_in_table(const table *t, const progress *p, bad_rows *repeats,
                                assay_err *err)
{
    const id_texts ids = {t->id_start, t->id_bytes, t->row_count, p};
    return ids_find_repeats(&ids, repeats, err);
}

static assay_code find_repeats(import_state *s, bad_rows *repeats, assay_err *err)
{
    const progress *p = s->request->progress;
    if (s->t.id_start)
        return find_in_table(&s->t, p, repeats, err);
    import_request again = *s->request; /* this time with the texts */
    again.keep_ids = true;
    table t;
    ASSAY_TRY(table_read(&again, &t, err));
    const assay_code code =
        t.id_start ? find_in_table(&t, p, repeats, err)
                   : assay_fail(err, ASSAY_E_CONFLICT, "%s: changed while it was read", s->t.path);
    table_clear(&t);
    return code;
}

assay_code import_check_ids(import_state *s, assay_err *err)
{
    table_column *id = table_find(&s->t, ROLE_ID);
    if (!id || !id->hash)
        return ASSAY_OK;
    bool may;
    ASSAY_TRY(ids_may_repeat(id->hash, s->t.row_count, s->request->thread_count, &may, err));
    mem_free(id->hash);
    id->hash = NULL;
    bad_rows repeats = {0};
    if (may)
        ASSAY_TRY(find_repeats(s, &repeats, err));
    s->notes->duplicate_ids = repeats.count;
    if (repeats.count == 0 || s->request->allow_duplicates)
        return ASSAY_OK;
    const bad_rows_words words = {s->t.path, 1, "an id that an earlier row has",
                                  "; --allow-duplicates keeps both"};
    return bad_rows_fail(&repeats, &words, err);
}
