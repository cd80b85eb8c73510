/* What is estimated of all labels, beside the list of those to look at. */
#include "report/found_labels.h"

#include "base/quoting.h"
#include "project/wording.h"
#include "report/grid.h"

#include <math.h>
#include <string.h>

enum { PAIRS_SHOWN = 8, PAIRS_MOST = 1000 };

/* What a list is not, for people and for programs. */
static const char *const note_of[] = {
    [LABELS_FROM_PROBABILITIES] =
        "This holds only for probabilities of a model that did not train on these samples: one "
        "that has seen their labels repeats them, right or wrong.",
    [LABELS_FROM_EMBEDDING] =
        "These are suspects by visual similarity: layout, edges and colours, not what a picture "
        "shows. How many labels are wrong is not estimated, and a rare or odd picture is a suspect "
        "too.",
};
static const char note_of_own_vectors[] =
    "These are suspects by what the vectors that you brought tell apart. How many labels are wrong "
    "is not estimated, and a rare or odd picture is a suspect too.";

static const char *note_about(const found_labels *l)
{
    return l->own_vectors ? note_of_own_vectors : note_of[l->basis];
}

const char *found_labels_basis(const found_labels *l)
{
    return l->basis == LABELS_FROM_EMBEDDING ? "embedding" : "probabilities";
}

/* What the score is, as the columns are called. */
static const char *order_of(const found_labels *l)
{
    if (l->basis == LABELS_FROM_EMBEDDING)
        return "rank_sum";
    return l->order == LABELS_BY_MARGIN ? "normalised_margin" : "self_confidence";
}

static void put_share(text *out, double share)
{
    text_printf(out, "%.1f %%", 100.0 * share);
}

static void print_health(const found_labels *l, const page *p)
{
    text words;
    text_init(&words, 512);
    put_share(&words, l->quality->health);
    text_puts(&words, " of ");
    wording_count(&words, l->quality->count);
    text_puts(&words, " labels are estimated to be right. The probabilities are sure enough of a "
                      "class to count in ");
    wording_count(&words, l->quality->counted);
    text_puts(&words, " of the samples.");
    page_words(p, "  ", INK_PLAIN, text_view(&words));
    text_clear(&words);
}

static void print_noise(const found_labels *l, const page *p)
{
    static const grid_column columns[] = {{"labelled", false, 0, false, 0},
                                          {"truly", false, 2, false, 0},
                                          {"of the label", true, 2, false, 0},
                                          {"samples", true, 2, false, 1}};
    grid t;
    grid_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < l->noise_count && i < PAIRS_SHOWN; i++) {
        const joint_cell *cell = &l->noise[i];
        put_name(grid_cell(&t), &p->style, l->frame->classes.name[cell->given], name_room(p));
        put_name(grid_cell(&t), &p->style, l->frame->classes.name[cell->truly], name_room(p));
        put_share(grid_cell(&t), cell->noise);
        wording_count(grid_cell(&t), cell->calibrated);
    }
    page_heading(p, "Labels that stand for another class", "estimated");
    grid_draw(&t, p);
    grid_clear(&t);
}

static void print_overlap(const found_labels *l, const page *p)
{
    static const grid_column columns[] = {{"classes", false, 0, true, 0},
                                          {"", false, 2, false, 0},
                                          {"of all samples", true, 2, false, 0}};
    grid t;
    grid_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < l->overlap_count && i < PAIRS_SHOWN; i++) {
        const class_overlap *o = &l->overlap[i];
        put_name(grid_cell(&t), &p->style, l->frame->classes.name[o->first], name_room(p));
        put_name(grid_cell(&t), &p->style, l->frame->classes.name[o->second], name_room(p));
        put_share(grid_cell(&t), o->share);
    }
    page_heading(p, "Classes labelled as each other", "estimated");
    grid_draw(&t, p);
    grid_clear(&t);
}

static void print_basis(const found_labels *l, const page *p)
{
    text words;
    text_init(&words, 1024);
    wording_count(&words, l->found);
    text_puts(&words, " of ");
    wording_counted(&words, l->judged, "label is", "labels are");
    text_puts(&words, " contradicted by both the ten most similar images and a linear classifier "
                      "that was fitted without the sample. They are ordered by both together; none "
                      "of this comes from a model's predictions.");
    if (l->frame->unchosen_models) {
        text_puts(&words, " To judge by a model's probabilities, choose it with --model: ");
        text_puts(&words, l->frame->unchosen_models);
        text_puts(&words, ".");
    }
    page_heading(p, "Ranked by embedding", l->embedding);
    page_words(p, "  ", INK_PLAIN, text_view(&words));
    p->out->broken = p->out->broken || words.broken;
    text_clear(&words);
    page_words(p, "  ", INK_WARN, note_about(l));
}

void found_labels_text(const found_labels *l, const page *p)
{
    if (l->basis == LABELS_FROM_EMBEDDING) {
        print_basis(l, p);
        return;
    }
    page_heading(p, "Labels as a whole", l->frame->model);
    print_health(l, p);
    page_words(p, "  ", INK_WARN, note_about(l));
    if (l->noise_count > 0)
        print_noise(l, p);
    if (l->overlap_count > 0)
        print_overlap(l, p);
}

static void put_word(text *out, const char *word)
{
    if (word)
        quote_json(out, word, strlen(word));
    else
        text_puts(out, "null");
}

static void put_number(text *out, double value)
{
    if (isfinite(value))
        put_real(out, value);
    else
        text_puts(out, "null");
}

static void put_class(const found_labels *l, uint16_t code, text *out)
{
    const label_quality *q = l->quality;
    text_puts(out, "{\"class\": ");
    put_word(out, l->frame->classes.name[code]);
    text_printf(out, ", \"labelled\": %u, \"issues\": %u, \"threshold\": ", q->labelled[code],
                q->issues[code]);
    put_number(out, q->threshold[code]);
    text_puts(out, "}");
}

static void put_noise(const found_labels *l, const joint_cell *cell, text *out)
{
    text_puts(out, "{\"given\": ");
    put_word(out, l->frame->classes.name[cell->given]);
    text_puts(out, ", \"truly\": ");
    put_word(out, l->frame->classes.name[cell->truly]);
    text_puts(out, ", \"share\": ");
    put_number(out, cell->noise);
    text_printf(out, ", \"counted\": %u, \"estimated\": %u}", cell->counted, cell->calibrated);
}

static void put_overlap(const found_labels *l, const class_overlap *o, text *out)
{
    text_puts(out, "{\"first\": ");
    put_word(out, l->frame->classes.name[o->first]);
    text_puts(out, ", \"second\": ");
    put_word(out, l->frame->classes.name[o->second]);
    text_puts(out, ", \"share\": ");
    put_number(out, o->share);
    text_puts(out, "}");
}

static void begin_item(text *out, size_t i)
{
    text_puts(out, i ? ",\n    " : "\n    ");
}

static void end_list(text *out, size_t count)
{
    text_puts(out, count ? "\n  ]" : "]");
}

static void put_key(const char *key, const char *word, text *out)
{
    text_printf(out, ",\n  \"%s\": ", key);
    put_word(out, word);
}

/* What is estimated of all labels. */
static void put_estimates(const found_labels *l, text *out)
{
    const label_quality *q = l->quality;
    const size_t noises = l->noise_count < PAIRS_MOST ? l->noise_count : PAIRS_MOST;
    const size_t overlaps = l->overlap_count < PAIRS_MOST ? l->overlap_count : PAIRS_MOST;
    text_printf(out, ",\n  \"counted\": %zu,\n  \"issues\": %zu", q->counted, q->issue_count);
    text_puts(out, ",\n  \"health\": ");
    put_number(out, q->health);
    text_puts(out, ",\n  \"classes\": [");
    for (uint32_t k = 0; k < q->class_count; k++) {
        begin_item(out, k);
        put_class(l, (uint16_t)k, out);
    }
    end_list(out, q->class_count);
    text_puts(out, ",\n  \"noise\": [");
    for (size_t i = 0; i < noises; i++) {
        begin_item(out, i);
        put_noise(l, &l->noise[i], out);
    }
    end_list(out, noises);
    text_puts(out, ",\n  \"overlap\": [");
    for (size_t i = 0; i < overlaps; i++) {
        begin_item(out, i);
        put_overlap(l, &l->overlap[i], out);
    }
    end_list(out, overlaps);
}

void found_labels_json(const found_labels *l, text *out)
{
    put_key("basis", found_labels_basis(l), out);
    put_key("order", order_of(l), out);
    put_key("note", note_about(l), out);
    put_key("model", l->frame->model, out);
    put_key("embedding", l->embedding, out);
    text_printf(out, ",\n  \"labels\": %llu", (unsigned long long)l->judged);
    if (l->quality)
        put_estimates(l, out);
}
