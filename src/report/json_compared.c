/* Two models on the same samples, as JSON. */
#include "report/compared.h"

#include "report/json_sections.h"

enum { SCHEMA = 1 };

static void put_counts(json_writer *w, json_t *o, const comparison *c)
{
    json_put_count(w, o, "samples", c->samples);
    json_put_count(w, o, "both_right", c->both_right);
    json_put_count(w, o, "fixed", c->fixed);
    json_put_count(w, o, "broken", c->broken);
    json_put_count(w, o, "both_wrong", c->both_wrong);
    json_put_number(w, o, "p_value", c->p_value);
    json_put_text(w, o, "p_method", c->p_method);
}

static void put_scores(json_writer *w, json_t *object, const comparison *c)
{
    json_t *list = json_put_array(w, object, "scores");
    for (size_t i = 0; i < c->score_count; i++) {
        const score_difference *s = &c->score[i];
        json_t *o = json_append_object(w, list);
        json_put_text(w, o, "name", s->name);
        json_put_score(w, o, "a", &s->a);
        json_put_score(w, o, "b", &s->b);
        json_put_score(w, o, "difference", &s->difference);
    }
}

static void put_classes(json_writer *w, json_t *object, const comparison_shown *c, bool whole)
{
    json_t *list = json_put_array(w, object, "per_class");
    for (size_t i = 0; i < c->comparison->class_count; i++) {
        const class_difference *d = &c->comparison->per_class[i];
        json_t *o = json_append_object(w, list);
        json_put_text(w, o, "class", c->classes->name[d->class_code]);
        json_put_count(w, o, "support", d->support);
        if (whole) {
            json_put_count(w, o, "fixed", d->fixed);
            json_put_count(w, o, "broken", d->broken);
        }
        json_put_score(w, o, "a", &d->a);
        json_put_score(w, o, "b", &d->b);
        json_put_score(w, o, "difference", &d->difference);
        if (whole)
            json_put_number(w, o, "p_value", d->p_value);
        json_put_number(w, o, "p_adjusted", d->p_adjusted);
    }
}

void json_put_comparison(json_writer *w, json_t *object, const comparison_shown *c)
{
    json_put_text(w, object, "a", c->a);
    json_put_text(w, object, "b", c->b);
    put_counts(w, object, c->comparison);
    put_scores(w, object, c->comparison);
    put_classes(w, object, c, false);
}

assay_code comparison_json(const comparison_shown *c, text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    json_put_text(&w, w.root, "assay", ASSAY_VERSION);
    json_put_count(&w, w.root, "schema", SCHEMA);
    json_put_text(&w, w.root, "path", c->path);
    json_put_text(&w, w.root, "where", c->where);
    json_put_number(&w, w.root, "confidence_level", c->confidence_level);
    json_put_text(&w, w.root, "a", c->a);
    json_put_text(&w, w.root, "b", c->b);
    json_put_count(&w, w.root, "left_out", c->comparison->left_out);
    json_put_count(&w, w.root, "with_probabilities", c->comparison->with_probabilities);
    json_put_count(&w, w.root, "with_confidence", c->comparison->with_confidence);
    put_counts(&w, w.root, c->comparison);
    put_scores(&w, w.root, c->comparison);
    put_classes(&w, w.root, c, true);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}
