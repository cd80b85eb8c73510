/* What the reader of an evaluation must know before its numbers, in words. Knows no terminal and no
 * JSON. */
#include "project/warnings.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "project/class_twins.h"
#include "project/prediction_metrics.h"
#include "project/wording.h"

#include <string.h>

enum { NAMES_SHOWN = 5, MESSAGE_BYTES_MOST = 16384 };

/* Warnings as they come; `broken` is sticky. `message` is what is being worded. */
typedef struct collector {
    const evaluated *e;
    warning *at;
    size_t count, room;
    text message;
    bool broken;
} collector;

static void make_room(collector *c)
{
    if (c->count < c->room)
        return;
    size_t room = c->room ? c->room * 2 : 16;
    warning *at = mem_resize(c->at, room, sizeof *at);
    if (!at) {
        c->broken = true;
        return;
    }
    c->at = at;
    c->room = room;
}

/* Adds what has been worded under a code, and starts the next message. */
static void add(collector *c, const char *code)
{
    if (!c->broken)
        make_room(c);
    if (!c->broken && !c->message.broken) {
        char *message = mem_copy_text(text_view(&c->message), c->message.length);
        if (message)
            c->at[c->count++] = (warning){.code = code, .message = message};
        else
            c->broken = true;
    }
    c->broken = c->broken || c->message.broken;
    text_clear(&c->message);
}

static bool is_shown(const evaluated *e, size_t class_code)
{
    return !e->shown || e->shown[class_code];
}

typedef bool class_test(const class_scores *s);

static bool has_few(const class_scores *s)
{
    return s->support > 0 && s->support < CLASS_SAMPLES_FEW;
}

static bool never_predicted(const class_scores *s)
{
    return s->support > 0 && s->predicted == 0;
}

static bool never_true(const class_scores *s)
{
    return s->support == 0;
}

static size_t count_classes(const evaluated *e, class_test *test)
{
    const matrix_scores *m = e->evaluation->matrix;
    size_t n = 0;
    for (size_t k = 0; k < m->class_count; k++)
        n += is_shown(e, k) && test(&m->per_class[k]);
    return n;
}

/* " (a, b, c, d, e and 12 more)" */
static void put_names(collector *c, class_test *test, size_t count)
{
    const matrix_scores *m = c->e->evaluation->matrix;
    size_t named = 0;
    text_puts(&c->message, " (");
    for (size_t k = 0; k < m->class_count && named < NAMES_SHOWN; k++) {
        if (!is_shown(c->e, k) || !test(&m->per_class[k]))
            continue;
        text_puts(&c->message, named++ ? ", " : "");
        text_puts(&c->message, c->e->frame->classes.name[k]);
    }
    if (count > named) {
        text_puts(&c->message, " and ");
        wording_count(&c->message, count - named);
        text_puts(&c->message, " more");
    }
    text_puts(&c->message, ")");
}

static void about_classes(collector *c)
{
    size_t n = count_classes(c->e, has_few);
    if (n > 0) {
        wording_counted(&c->message, n, "class has", "classes have");
        text_puts(&c->message, " fewer than 10 samples");
        put_names(c, has_few, n);
        text_puts(&c->message,
                  n == 1 ? ": its numbers say little." : ": their numbers say little.");
        add(c, "few-samples");
    }
    n = count_classes(c->e, never_predicted);
    if (n > 0) {
        wording_counted(&c->message, n, "class is", "classes are");
        text_puts(&c->message, " never predicted");
        put_names(c, never_predicted, n);
        text_puts(&c->message,
                  n == 1 ? ": its recall is 0, and its precision has nothing to divide by "
                           "and counts as 0."
                         : ": their recall is 0, and their precision has nothing to "
                           "divide by and counts as 0.");
        add(c, "never-predicted");
    }
    n = count_classes(c->e, never_true);
    if (n > 0) {
        wording_counted(&c->message, n, "class has", "classes have");
        text_puts(&c->message, " no samples");
        put_names(c, never_true, n);
        text_puts(&c->message, ": how well the model finds ");
        text_puts(&c->message, n == 1 ? "it is not known." : "them is not known.");
        add(c, "never-true");
    }
}

/* Names on one side and indices on the other look like a model that is always wrong. */
static void about_strangers(collector *c)
{
    const matrix_scores *m = c->e->evaluation->matrix;
    if (c->e->notes.classes_given || c->e->evaluation->scored == 0)
        return;
    for (size_t k = 0; k < m->class_count; k++) {
        if (m->per_class[k].support > 0 && m->per_class[k].predicted > 0)
            return;
    }
    text_puts(&c->message, "No class occurs among both the labels and the predictions: where one "
                           "side has names and the other indices, --classes brings them together.");
    add(c, "no-common-class");
}

/* Of some samples or some classes only, a class may well have no label or no prediction. */
static void about_twins(collector *c)
{
    if (c->e->shown || c->e->evaluation->samples < c->e->frame->row_count)
        return;
    const class_list *classes = &c->e->frame->classes;
    ASSAY_AUTO_CLEAR(class_twins) twins = {0};
    if (class_twins_find(classes, c->e->evaluation->matrix->per_class, &twins, NULL)) {
        c->broken = true;
        return;
    }
    if (twins.count == 0)
        return;
    wording_counted(&c->message, twins.count, "class seems", "classes seem");
    text_puts(&c->message, " to be written in two ways (");
    for (size_t i = 0; i < twins.count && i < NAMES_SHOWN; i++)
        text_printf(&c->message, "%s'%s' and '%s'", i ? ", " : "", classes->name[twins.pair[i][0]],
                    classes->name[twins.pair[i][1]]);
    if (twins.count > NAMES_SHOWN) {
        text_puts(&c->message, " and ");
        wording_count(&c->message, twins.count - NAMES_SHOWN);
        text_puts(&c->message, " more");
    }
    text_puts(&c->message, "), one of them among the labels or the predictions only: the scores "
                           "take them for different classes.");
    add(c, "classes-alike");
}

static void about_one_class(collector *c)
{
    const confusion *m = c->e->evaluation->confusion;
    size_t occurring = 0;
    size_t last = 0;
    for (size_t k = 0; k < m->class_count; k++) {
        if (m->support[k] > 0) {
            occurring++;
            last = k;
        }
    }
    if (occurring != 1)
        return;
    text_puts(&c->message, "Every scored sample is of the same class (");
    text_puts(&c->message, c->e->frame->classes.name[last]);
    text_puts(&c->message, "): this says nothing of how well the model tells classes apart.");
    add(c, "one-class");
}

static void about_missing(collector *c)
{
    const evaluation *v = c->e->evaluation;
    if (v->missing_label > 0) {
        wording_counted(&c->message, v->missing_label, "sample has no label: it is in no score.",
                        "samples have no label: they are in no score.");
        add(c, "missing-labels");
    }
    if (v->missing_prediction > 0) {
        wording_counted(&c->message, v->missing_prediction,
                        "sample has no prediction: it is in no score.",
                        "samples have no prediction: they are in no score.");
        add(c, "missing-predictions");
    }
}

static void about_groups(collector *c)
{
    uint32_t groups = c->e->evaluation->group_count;
    if (groups == 0 || groups >= GROUPS_FEW)
        return;
    text_puts(&c->message, groups == 1 ? "There is only " : "There are only ");
    wording_counted(&c->message, groups, "group", "groups");
    text_puts(&c->message, ": intervals that rest on fewer than 20 groups promise too much.");
    add(c, "few-groups");
}

static void about_probabilities(collector *c)
{
    const import_notes *notes = &c->e->notes;
    if (notes->sums_divided > 0) {
        wording_counted(&c->message, notes->sums_divided,
                        "row of probabilities did not add up to 1 and was divided by its sum",
                        "rows of probabilities did not add up to 1 and were divided by their sums");
        text_printf(&c->message, " (at most %.2g away from 1).", notes->largest_gap);
        add(c, "rows-divided");
    }
    if (notes->prediction_is_not_argmax > 0) {
        wording_counted(&c->message, notes->prediction_is_not_argmax,
                        "row predicts another class than the one with its largest probability",
                        "rows predict another class than the one with their largest probability");
        text_puts(&c->message,
                  ": the predictions are taken as they are, and the probabilities too.");
        add(c, "prediction-not-argmax");
    }
}

static void about_relaxed_rules(collector *c)
{
    const import_notes *notes = &c->e->notes;
    if (notes->duplicate_ids > 0) {
        wording_counted(&c->message, notes->duplicate_ids, "row repeats an id and was kept",
                        "rows repeat an id and were kept");
        text_puts(&c->message,
                  ", as asked: intervals are too narrow if these are the same samples.");
        add(c, "relaxed-duplicates");
    }
    if (notes->unknown_classes > 0) {
        wording_counted(&c->message, notes->unknown_classes,
                        "name is not in the list of classes "
                        "and counts as missing, as asked.",
                        "names are not in the list of classes and count as missing, as asked.");
        add(c, "relaxed-unknown-classes");
    }
    if (notes->not_finite > 0) {
        wording_counted(&c->message, notes->not_finite,
                        "row has a confidence or probability that is not a finite number "
                        "and counts as missing, as asked.",
                        "rows have a confidence or probability that is not a finite number "
                        "and count as missing, as asked.");
        add(c, "relaxed-not-finite");
    }
}

static bool has_top_k(const evaluation *v)
{
    bool any = false;
    for (size_t i = 0; i < TOP_K_COUNT; i++)
        any = any || !isnan(v->proper.top_k[i].value);
    return any && (v->has_probabilities || v->has_top_k);
}

static void about_confidence(collector *c)
{
    const evaluation *v = c->e->evaluation;
    if (has_top_k(v) && v->proper.top_k_ties > 0) {
        wording_counted(&c->message, v->proper.top_k_ties,
                        "sample has a true class whose probability ties with another's",
                        "samples have a true class whose probability ties with another's");
        text_puts(&c->message, ": in top-k accuracy the class that comes first in the list wins.");
        add(c, "top-k-ties");
    }
    if (v->has_confidence && !v->has_calibration && !c->e->frame->confidence_in_unit_range) {
        text_puts(&c->message,
                  "The confidence is not always between 0 and 1, so it is no probability: "
                  "calibration is not given.");
        add(c, "confidence-out-of-range");
    }
}

static void about_answers(collector *c)
{
    const evaluation *v = c->e->evaluation;
    if (v->scored == 0) {
        text_puts(&c->message, c->e->shown ? "No sample of the shown classes" : "No sample");
        text_puts(&c->message, " has both a label and a prediction: no score has an answer.");
        add(c, "no-answer");
        return;
    }
    if (!v->metrics || v->metrics->count == 0 || isnan(v->matrix->accuracy.value))
        return;
    bool all_right = v->matrix->accuracy.value == 1;
    if (!all_right && v->matrix->accuracy.value != 0)
        return;
    text_puts(&c->message, all_right ? "Every prediction is right" : "Every prediction is wrong");
    text_puts(&c->message,
              ": what goes with errors has no answer, so metrics have no importance and no "
              "correlation.");
    add(c, "no-answer");
}

static void add_few_errors(collector *c, double rarer, const char *what)
{
    text_puts(&c->message, "Only ");
    wording_counted(&c->message, (uint64_t)rarer, "prediction is", "predictions are");
    text_printf(&c->message, " %s: what goes with errors can hardly be told from so few.", what);
    add(c, "few-errors");
}

static void add_few_samples_for_importance(collector *c)
{
    wording_counted(&c->message, c->e->evaluation->scored, "sample is", "samples are");
    text_puts(&c->message, " few for what goes with errors: a metric of many different values "
                           "gets some importance by chance alone. Its p-value says whether "
                           "there is more to it.");
    add(c, "few-for-importance");
}

/* With few samples in most bins of a metric, next to everything seems to go with errors. */
static void about_few_errors(collector *c)
{
    enum { OUTCOMES_FEW = 20, SAMPLES_FEW = 320 /* ten in each of importance's 32 bins */ };
    const evaluation *v = c->e->evaluation;
    if (!v->metrics || v->metrics->count == 0 || isnan(v->matrix->accuracy.value))
        return;
    const double right = round(v->matrix->accuracy.value * (double)v->scored);
    const double wrong = (double)v->scored - right;
    const double rarer = right < wrong ? right : wrong;
    if (rarer >= 1 && rarer < OUTCOMES_FEW)
        add_few_errors(c, rarer, rarer < wrong ? "right" : "wrong");
    else if (rarer >= OUTCOMES_FEW && v->scored < SAMPLES_FEW)
        add_few_samples_for_importance(c);
}

/* Measured against the label, a metric goes with errors whatever the images are like. */
static void about_label_metrics(collector *c)
{
    const metric_analyses *m = c->e->evaluation->metrics;
    for (size_t i = 0; m && i < m->count; i++) {
        if (!prediction_metric_is_of_label(m->metric[i].name))
            continue;
        text_printf(&c->message,
                    "Metric %s is measured against the label: that it goes with errors is no "
                    "finding.",
                    m->metric[i].name);
        add(c, "label-metric");
    }
}

/* Samples whose image has this measure, of which each image that was measured has one. */
static size_t count_measured(const frame *f)
{
    static const char measure[] = "brightness";
    size_t n = 0;
    for (size_t m = 0; m < f->metric_count; m++) {
        if (strcmp(f->metric[m].name, measure) != 0)
            continue;
        for (size_t i = 0; i < f->row_count; i++)
            n += isnan(f->metric[m].value[i]) ? 0 : 1;
    }
    return n;
}

static size_t count_unreadable(const frame *f)
{
    size_t n = 0;
    for (size_t a = 0; a < f->attribute_count; a++) {
        if (strcmp(f->attribute[a].name, "unreadable") != 0)
            continue;
        for (size_t i = 0; i < f->row_count; i++)
            n += f->attribute[a].code[i] != ATTRIBUTE_MISSING;
    }
    return n;
}

static void about_images(collector *c)
{
    const char *project = c->e->request.project;
    if (!project)
        return;
    const frame *f = c->e->frame;
    const bool counted = c->e->images_counted;
    const size_t unreadable = counted ? c->e->images_unreadable : count_unreadable(f);
    const size_t known = (counted ? c->e->images_measured : count_measured(f)) + unreadable;
    if (known < f->row_count) {
        wording_unmeasured(&c->message, f->row_count - known, project);
        add(c, "images-not-measured");
    }
    if (unreadable > 0) {
        wording_counted(&c->message, unreadable, "image", "images");
        text_printf(&c->message,
                    " could not be read and %s no measures: assay find unreadable %s says why.",
                    unreadable == 1 ? "has" : "have", project);
        add(c, "images-unreadable");
    }
}

static void about_import(collector *c)
{
    const import_notes *notes = &c->e->notes;
    for (size_t i = 0; i < notes->warning_count; i++) {
        size_t length = strlen(notes->warning[i]);
        if (length > MESSAGE_BYTES_MOST / 2)
            length = utf8_whole(notes->warning[i], MESSAGE_BYTES_MOST / 2);
        text_put(&c->message, notes->warning[i], length);
        add(c, "import");
    }
}

assay_code warnings_collect(const evaluated *e, warning **out, size_t *count, assay_err *err)
{
    *out = NULL;
    *count = 0;
    collector c = {.e = e};
    text_init(&c.message, MESSAGE_BYTES_MOST);
    about_answers(&c);
    about_strangers(&c);
    about_twins(&c);
    about_one_class(&c);
    about_missing(&c);
    about_classes(&c);
    about_groups(&c);
    about_probabilities(&c);
    about_relaxed_rules(&c);
    about_confidence(&c);
    about_few_errors(&c);
    about_label_metrics(&c);
    about_images(&c);
    about_import(&c);
    if (c.broken) {
        warnings_free(c.at, c.count);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the warnings");
    }
    *out = c.at;
    *count = c.count;
    return ASSAY_OK;
}

void warnings_free(warning *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(list[i].message);
    mem_free(list);
}
