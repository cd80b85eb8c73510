/* Which column is what: by the names in the request, else by the names that people give. Pure. */
#include "store/columns.h"

#include "frame/probabilities.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PLAIN_BYTES = 64, LISTED_BYTES = 900, NO_COLUMN = -1 };

/* The usual names, best first. Lower case, '_' for '-', ' ' and '.'. */
static const char *const label_names[] = {
    "true_label", "label_true",  "y_true",     "ground_truth", "groundtruth", "gt",
    "gt_label",   "true_class",  "target",     "truth",        "actual",      "label",
    "labels",     "class_label", "annotation", "class",        "category",    NULL};
static const char *const prediction_names[] = {"prediction",
                                               "predicted",
                                               "pred",
                                               "y_pred",
                                               "predicted_label",
                                               "predicted_class",
                                               "pred_label",
                                               "pred_class",
                                               "label_pred",
                                               "prediction_label",
                                               "prediction_class",
                                               "y_hat",
                                               "yhat",
                                               "top1",
                                               "predictions",
                                               "preds",
                                               NULL};
static const char *const confidence_names[] = {"confidence",
                                               "conf",
                                               "score",
                                               "probability",
                                               "prob",
                                               "proba",
                                               "max_prob",
                                               "top1_prob",
                                               "pred_score",
                                               "pred_prob",
                                               "y_score",
                                               "y_prob",
                                               "pred_conf",
                                               "certainty",
                                               "prediction_confidence",
                                               "prediction_probability",
                                               NULL};
static const char *const id_names[] = {
    "id",         "sample_id", "image_id", "path",      "file_path", "filepath",
    "image_path", "img_path",  "filename", "file_name", "file",      "image_name",
    "image",      "img",       "sample",   "uuid",      "key",       NULL};
static const char *const path_names[] = {
    "path",           "file_path", "filepath",   "image_path", "img_path",   "image_file_path",
    "file_name",      "filename",  "image_file", "img_file",   "image_name", "image_file_name",
    "image_filename", "file",      "image",      "img",        NULL};
static const char *const class_names[] = {"class",    "class_name", "class_label",
                                          "category", "label",      NULL};
static const char *const list_label_names[] = {
    "label",       "labels", "index",        "indices",      "prediction",
    "predictions", "pred",   "preds",        "predicted",    "top_labels",
    "topk",        "top_k",  "top_classes",  "classes",      "topk_labels",
    "topk_label",  "class",  "topk_classes", "top_k_labels", NULL};
static const char *const list_probability_names[] = {
    "prob",        "probs",      "probability",         "probabilities",
    "score",       "scores",     "confidence",          "confidences",
    "conf",        "top_probs",  "topk_probs",          "top_probabilities",
    "topk_scores", "top_scores", "top_k_probabilities", NULL};
static const char *const prefixes[] = {"probability_", "proba_", "prob_", "p_", NULL};

typedef struct choice {
    const column_list *list;
    const import_request *request;
    column_role *role;
    const char *file;
} choice;

static char plain_character(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    if (c == '-' || c == ' ' || c == '.')
        return '_';
    return c;
}

/* Lower case with one kind of word separator; a name too long for this is never a usual name. */
static void plain_name(const char *name, char out[PLAIN_BYTES])
{
    size_t used = 0;
    for (const char *p = name; *p; p++) {
        if (used + 1 >= PLAIN_BYTES) {
            used = 0;
            break;
        }
        out[used++] = plain_character(*p);
    }
    while (used > 0 && out[used - 1] == '_')
        used--;
    out[used] = '\0';
}

static int rank_of(const char *name, const char *const *names)
{
    char plain[PLAIN_BYTES];
    plain_name(name, plain);
    for (int i = 0; names[i]; i++) {
        if (!strcmp(plain, names[i]))
            return i;
    }
    return NO_COLUMN;
}

bool columns_may_be_label(const char *name, const import_request *request)
{
    return request->label ? !strcmp(name, request->label) : rank_of(name, label_names) >= 0;
}

static size_t prefix_length(const char *name)
{
    char plain[PLAIN_BYTES];
    plain_name(name, plain);
    for (int i = 0; prefixes[i]; i++) {
        const size_t length = strlen(prefixes[i]);
        if (!strncmp(plain, prefixes[i], length) && name[length] != '\0')
            return length;
    }
    return 0;
}

const char *columns_class_name(const char *name)
{
    return name + prefix_length(name);
}

static bool is_list(column_kind kind)
{
    return kind == KIND_LIST_NUMBER || kind == KIND_LIST_TEXT;
}

static void list_names(const column_list *list, char out[LISTED_BYTES])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->column[i].name;
        assert(name);
        if (used + strlen(name) + 16 > LISTED_BYTES) {
            snprintf(out + used, LISTED_BYTES - used, "%s… (%zu)", i ? ", " : "", list->count);
            return;
        }
        used += (size_t)snprintf(out + used, LISTED_BYTES - used, "%s%s", i ? ", " : "", name);
    }
}

static assay_code fail_missing(const choice *c, assay_code code, const char *what, assay_err *err)
{
    char names[LISTED_BYTES];
    list_names(c->list, names);
    return assay_fail(err, code, "%s: %s; the columns are: %s", c->file, what, names);
}

static int find_exact(const choice *c, const char *name)
{
    for (size_t i = 0; i < c->list->count; i++) {
        if (!strcmp(c->list->column[i].name, name))
            return (int)i;
    }
    return NO_COLUMN;
}

/* The best usual name among columns that have no role yet; lists only where lists are wanted. */
static int find_usual(const choice *c, const char *const *names, bool lists)
{
    int best = NO_COLUMN;
    int best_rank = 0;
    for (size_t i = 0; i < c->list->count; i++) {
        const column_facts *f = &c->list->column[i];
        if (c->role[i] != ROLE_IGNORED || is_list(f->kind) != lists || f->kind == KIND_OTHER)
            continue;
        const int rank = rank_of(f->name, names);
        if (rank >= 0 && (best == NO_COLUMN || rank < best_rank)) {
            best = (int)i;
            best_rank = rank;
        }
    }
    return best;
}

/* One role by its given name, else by the usual ones. */
static assay_code assign(const choice *c, const char *given, const char *const *names,
                         column_role role, assay_err *err)
{
    int at = NO_COLUMN;
    if (given) {
        at = find_exact(c, given);
        char what[160];
        snprintf(what, sizeof what, "there is no column '%.100s'", given);
        if (at == NO_COLUMN)
            return fail_missing(c, ASSAY_E_USAGE, what, err);
        if (c->role[at] != ROLE_IGNORED)
            return assay_fail(err, ASSAY_E_USAGE, "%s: column '%s' is asked to be two things",
                              c->file, given);
        if (is_list(c->list->column[at].kind) && role == ROLE_PREDICTION)
            role = ROLE_TOP_LABELS;
        else if (is_list(c->list->column[at].kind) && role == ROLE_CONFIDENCE)
            role = ROLE_TOP_PROBABILITIES;
        else if (is_list(c->list->column[at].kind) || c->list->column[at].kind == KIND_OTHER)
            return assay_fail(err, ASSAY_E_INPUT,
                              "%s: column '%s' holds lists or records, not one value a row",
                              c->file, given);
    } else if (names) {
        at = find_usual(c, names, false);
    }
    if (at != NO_COLUMN)
        c->role[at] = role;
    return ASSAY_OK;
}

static int find_role(const choice *c, column_role role)
{
    for (size_t i = 0; i < c->list->count; i++) {
        if (c->role[i] == role)
            return (int)i;
    }
    return NO_COLUMN;
}

static bool has_role(const choice *c, column_role role)
{
    return find_role(c, role) != NO_COLUMN;
}

/* Lists of labels, and beside them lists of probabilities. */
static void assign_lists(const choice *c)
{
    if (!has_role(c, ROLE_TOP_LABELS)) {
        const int labels = find_usual(c, list_label_names, true);
        if (labels != NO_COLUMN)
            c->role[labels] = ROLE_TOP_LABELS;
    }
    const int values = find_usual(c, list_probability_names, true);
    if (values != NO_COLUMN && !has_role(c, ROLE_TOP_PROBABILITIES))
        c->role[values] = ROLE_TOP_PROBABILITIES;
}

static bool is_free_number(const choice *c, size_t i)
{
    const column_kind kind = c->list->column[i].kind;
    return c->role[i] == ROLE_IGNORED && (kind == KIND_NUMBER || kind == KIND_EMPTY);
}

static size_t assign_prefixed(const choice *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->list->count; i++)
        count += is_free_number(c, i) && prefix_length(c->list->column[i].name) > 0;
    if (count < 2)
        return 0;
    for (size_t i = 0; i < c->list->count; i++) {
        if (is_free_number(c, i) && prefix_length(c->list->column[i].name) > 0)
            c->role[i] = ROLE_PROBABILITY;
    }
    return count;
}

static bool is_label_value(const choice *c, const char *name)
{
    const dictionary *values = c->list->label_values;
    const size_t length = strlen(name);
    return values &&
           dictionary_find(values, name, length, text_hash(name, length)) != DICTIONARY_NONE;
}

/* Where the classes are given and each has a column of its name, these are the probabilities. */
static size_t assign_given(const choice *c)
{
    const class_list *given = c->request->class_names;
    size_t count = 0;
    for (size_t i = 0; given && i < c->list->count; i++) {
        const char *name = c->list->column[i].name;
        count +=
            is_free_number(c, i) && class_list_find(given, name, strlen(name)) != CLASS_MISSING;
    }
    if (!given || count < given->count)
        return 0;
    for (size_t i = 0; i < c->list->count; i++) {
        const char *name = c->list->column[i].name;
        if (is_free_number(c, i) && class_list_find(given, name, strlen(name)) != CLASS_MISSING)
            c->role[i] = ROLE_PROBABILITY;
    }
    return count;
}

/* Free numbers whose names are labels of the first rows. */
typedef struct named_columns {
    size_t first, last, matches;
    double sum; /* of all free numbers in the first row */
} named_columns;

static named_columns find_named(const choice *c)
{
    named_columns found = {.first = SIZE_MAX};
    for (size_t i = 0; i < c->list->count; i++) {
        if (!is_free_number(c, i))
            continue;
        found.sum += c->list->column[i].first_number;
        if (is_label_value(c, c->list->column[i].name)) {
            found.first = found.matches == 0 ? i : found.first;
            found.last = i;
            found.matches++;
        }
    }
    return found;
}

/* Columns named after classes that occur. A class that is never a label still has a column: where
 * all free numbers of the first row add up to 1 they are all taken, else those between the first
 * and the last match. */
static size_t assign_named(const choice *c)
{
    const named_columns found = find_named(c);
    if (found.matches == 0 || (found.matches < 2 && c->list->label_values->count > 1))
        return 0;
    const bool all = fabs(found.sum - 1.0) <= PROBABILITY_SUM_SLACK;
    const size_t end = all ? c->list->count : found.last + 1;
    for (size_t i = all ? 0 : found.first; i < end; i++) {
        if (is_free_number(c, i))
            c->role[i] = ROLE_PROBABILITY;
    }
    return found.matches;
}

/* Prefixed names are plain; class names are taken where those are not. */
static size_t assign_probabilities(const choice *c)
{
    size_t count = assign_prefixed(c);
    if (count == 0)
        count = assign_given(c);
    return count ? count : assign_named(c);
}

static void assign_rest(const choice *c)
{
    for (size_t i = 0; i < c->list->count; i++) {
        const column_kind kind = c->list->column[i].kind;
        if (c->role[i] == ROLE_IGNORED && kind == KIND_NUMBER)
            c->role[i] = ROLE_METRIC;
        else if (c->role[i] == ROLE_IGNORED && kind == KIND_TEXT)
            c->role[i] = ROLE_ATTRIBUTE;
    }
}

/* The best name of a class column that is not the label that the request names. */
static int find_class(const choice *c, int label)
{
    for (int i = 0; class_names[i]; i++) {
        const char *const one[] = {class_names[i], NULL};
        const int at = find_usual(c, one, false);
        if (at != NO_COLUMN && at != label)
            return at;
    }
    return NO_COLUMN;
}

/* What else would be predicted is in no other column or file. */
static bool predicts_otherwise(const choice *c)
{
    const import_request *r = c->request;
    return r->prediction || r->probabilities_path || r->predictions_path ||
           find_usual(c, prediction_names, false) != NO_COLUMN;
}

/* Sample, class, probability: one row for each class of each sample. */
static bool assign_long(const choice *c)
{
    const import_request *r = c->request;
    const int id = r->id ? find_exact(c, r->id) : find_usual(c, id_names, false);
    const int value =
        r->confidence ? find_exact(c, r->confidence) : find_usual(c, confidence_names, false);
    if (id == NO_COLUMN || value == NO_COLUMN || c->list->column[value].kind != KIND_NUMBER ||
        predicts_otherwise(c))
        return false;
    int label = r->label ? find_exact(c, r->label) : NO_COLUMN;
    const int class_column = find_class(c, label);
    if (class_column == NO_COLUMN)
        return false;
    c->role[class_column] = ROLE_CLASS;
    if (!r->label)
        label = find_usual(c, label_names, false);
    if (label == NO_COLUMN && !r->labels_path && r->wants == IMPORT_EVALUATION) {
        c->role[class_column] = ROLE_IGNORED;
        return false;
    }
    c->role[id] = ROLE_ID;
    c->role[value] = ROLE_CONFIDENCE;
    if (label != NO_COLUMN && !r->labels_path)
        c->role[label] = ROLE_LABEL;
    return true;
}

/* A file of its own wins over the table's column. */
static void yield_to_files(const choice *c)
{
    for (size_t i = 0; i < c->list->count; i++) {
        if ((c->role[i] == ROLE_LABEL && c->request->labels_path) ||
            (c->role[i] == ROLE_PREDICTION && c->request->predictions_path))
            c->role[i] = ROLE_IGNORED;
    }
}

static assay_code check_id(const choice *c, assay_err *err)
{
    if (!c->request->require_id || has_role(c, ROLE_ID))
        return ASSAY_OK;
    return fail_missing(
        c, ASSAY_E_INPUT,
        "no column was recognised as the samples' id or path (--id COLUMN names it)", err);
}

/* A column with a usual name that nothing can be read from. */
static const char *find_unreadable(const choice *c, const char *const *names)
{
    for (size_t i = 0; i < c->list->count; i++) {
        const column_facts *f = &c->list->column[i];
        if (f->kind == KIND_OTHER && c->role[i] == ROLE_IGNORED && rank_of(f->name, names) >= 0)
            return f->name;
    }
    return NULL;
}

static assay_code fail_unrecognised(const choice *c, const char *const *names, const char *what,
                                    assay_err *err)
{
    const char *unreadable = find_unreadable(c, names);
    if (!unreadable)
        return fail_missing(c, ASSAY_E_INPUT, what, err);
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: column '%s' holds lists or records, not one value a row", c->file,
                      unreadable);
}

static assay_code check_roles(const choice *c, bool probability, assay_err *err)
{
    const import_request *r = c->request;
    ASSAY_TRY(check_id(c, err));
    if (r->wants == IMPORT_EVALUATION && !r->labels_path && !has_role(c, ROLE_LABEL))
        return fail_unrecognised(
            c, label_names, "no column was recognised as the label (--label COLUMN names it)", err);
    if (r->predictions_path || r->probabilities_path || probability ||
        has_role(c, ROLE_PREDICTION) || has_role(c, ROLE_TOP_LABELS))
        return ASSAY_OK;
    if (has_role(c, ROLE_TOP_PROBABILITIES))
        return fail_missing(c, ASSAY_E_INPUT,
                            "lists of probabilities need a column with lists of labels", err);
    return fail_unrecognised(
        c, prediction_names,
        "no column was recognised as the prediction (--prediction COLUMN names it), nor any as "
        "probabilities",
        err);
}

/* A table of labels or of metrics: nothing in it is a prediction. */
static assay_code recognise_columns(const choice *c, assay_err *err)
{
    const import_request *r = c->request;
    const bool labels = r->wants == IMPORT_LABELS;
    ASSAY_TRY(assign(c, r->id, r->id ? NULL : id_names, ROLE_ID, err));
    ASSAY_TRY(assign(c, r->label, r->label ? NULL : label_names, ROLE_LABEL, err));
    if (labels && !r->label_optional && !has_role(c, ROLE_LABEL))
        return fail_unrecognised(
            c, label_names, "no column was recognised as the label (--label COLUMN names it)", err);
    assign_rest(c);
    const int label = find_role(c, ROLE_LABEL);
    if (!labels && label != NO_COLUMN)
        c->role[label] = ROLE_IGNORED;
    return check_id(c, err);
}

/* Who predicts may call it the label: where nothing else is predicted, that is what it is. */
static void take_label_as_prediction(const choice *c, bool probability)
{
    const import_request *r = c->request;
    const int label = find_role(c, ROLE_LABEL);
    if (r->wants == IMPORT_PREDICTIONS && !r->label && label != NO_COLUMN && !probability &&
        !r->predictions_path && !r->probabilities_path && !has_role(c, ROLE_PREDICTION) &&
        !has_role(c, ROLE_TOP_LABELS))
        c->role[label] = ROLE_PREDICTION;
}

static assay_code recognise_paths(const choice *c, assay_err *err)
{
    ASSAY_TRY(assign(c, c->request->id, path_names, ROLE_ID, err));
    if (has_role(c, ROLE_ID))
        return ASSAY_OK;
    return fail_missing(c, ASSAY_E_INPUT,
                        "no column was recognised as the paths of images (--id COLUMN names it)",
                        err);
}

assay_code columns_recognise(const column_list *list, const import_request *request,
                             column_role *role, table_shape *shape, assay_err *err)
{
    const choice c = {list, request, role, request->path};
    for (size_t i = 0; i < list->count; i++)
        role[i] = ROLE_IGNORED;
    *shape = SHAPE_ROWS;
    if (request->wants == IMPORT_LABELS || request->wants == IMPORT_COLUMNS)
        return recognise_columns(&c, err);
    if (request->paths_only)
        return recognise_paths(&c, err);
    if (assign_long(&c)) {
        *shape = SHAPE_LONG;
        return assign(&c, request->group, NULL, ROLE_GROUP, err);
    }
    /* What the request names is taken first, so that no usual name steals it. */
    ASSAY_TRY(assign(&c, request->labels_path ? NULL : request->label, NULL, ROLE_LABEL, err));
    ASSAY_TRY(assign(&c, request->predictions_path ? NULL : request->prediction, NULL,
                     ROLE_PREDICTION, err));
    ASSAY_TRY(assign(&c, request->confidence, NULL, ROLE_CONFIDENCE, err));
    ASSAY_TRY(assign(&c, request->id, NULL, ROLE_ID, err));
    ASSAY_TRY(assign(&c, request->group, NULL, ROLE_GROUP, err));
    if (!request->prediction)
        ASSAY_TRY(assign(&c, NULL, prediction_names, ROLE_PREDICTION, err));
    if (!request->label)
        ASSAY_TRY(assign(&c, NULL, label_names, ROLE_LABEL, err));
    const size_t probability = request->probabilities_path ? 0 : assign_probabilities(&c);
    if (!request->confidence)
        ASSAY_TRY(assign(&c, NULL, confidence_names, ROLE_CONFIDENCE, err));
    if (!request->id)
        ASSAY_TRY(assign(&c, NULL, id_names, ROLE_ID, err));
    if (!has_role(&c, ROLE_PREDICTION) && probability == 0 && !request->probabilities_path &&
        !request->predictions_path)
        assign_lists(&c);
    take_label_as_prediction(&c, probability > 0);
    ASSAY_TRY(check_roles(&c, probability > 0, err));
    if (probability > 0)
        *shape = SHAPE_PROBABILITIES;
    else if (has_role(&c, ROLE_TOP_LABELS))
        *shape = SHAPE_TOP;
    assign_rest(&c);
    yield_to_files(&c);
    return ASSAY_OK;
}
