/* Which labels are probably wrong: of each pair of classes as many as the joint estimates, those
 * that the probabilities contradict most ("prune by noise rate"). */
#include "base/threads.h"
#include "eval/label_quality_parts.h"

#include <math.h>

enum { GATHERED_VALUES = 1 << 15 };

/* A sample that may be among a pair's issues. */
typedef struct suspect {
    double gap; /* p_j - p_k */
    uint32_t position;
} suspect;

/* The pair's best suspects so far, the least of them at the top of a heap. */
typedef struct suspects {
    suspect *at;
    uint32_t count, most;
    uint16_t truly;
    double least; /* what a gap must exceed; -inf until there are `most` */
} suspects;

/* One label: its samples, and the pairs that it is the given class of. */
typedef struct label_part {
    size_t first_sample, sample_count; /* in `ordered` */
    size_t first_pair, pair_count;     /* in `pair` */
} label_part;

typedef struct choosing {
    const quality_work *work;
    label_part *part;  /* class_count */
    uint32_t *ordered; /* positions, label by label, ascending within */
    suspects *pair;
    suspect *heaps; /* all pairs' suspects, end to end */
    double *room;   /* a batch of rows for each worker */
    uint32_t *rows; /* and which rows they are */
    size_t batch;
} choosing;

/* Whether `a` stands below `b`: a smaller gap, or the same and a later row. */
static bool is_below(const suspect *a, const suspect *b)
{
    return a->gap < b->gap || (a->gap == b->gap && a->position > b->position);
}

static void sift_down(suspects *s, suspect moving)
{
    uint32_t hole = 0;
    for (;;) {
        uint32_t child = 2 * hole + 1;
        if (child >= s->count)
            break;
        if (child + 1 < s->count && is_below(&s->at[child + 1], &s->at[child]))
            child++;
        if (!is_below(&s->at[child], &moving))
            break;
        s->at[hole] = s->at[child];
        hole = child;
    }
    s->at[hole] = moving;
}

static void sift_up(suspects *s, suspect moving)
{
    uint32_t hole = s->count++;
    while (hole > 0 && is_below(&moving, &s->at[(hole - 1) / 2])) {
        s->at[hole] = s->at[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    s->at[hole] = moving;
}

/* Samples come in the order of rows, so an equal gap never displaces an earlier one. */
static void consider(suspects *s, suspect candidate)
{
    if (s->count < s->most)
        sift_up(s, candidate);
    else
        sift_down(s, candidate);
    if (s->count == s->most)
        s->least = s->at[0].gap;
}

static void consider_row(const choosing *c, const label_part *part, const double *p, uint16_t label,
                         uint32_t position)
{
    const double own = p[label];
    for (size_t i = 0; i < part->pair_count; i++) {
        suspects *s = &c->pair[part->first_pair + i];
        const double gap = p[s->truly] - own;
        if (gap > s->least)
            consider(s, (suspect){gap, position});
    }
}

static void mark_issues(const choosing *c, const label_part *part, uint16_t label)
{
    label_quality *q = c->work->q;
    for (size_t i = 0; i < part->pair_count; i++) {
        const suspects *s = &c->pair[part->first_pair + i];
        for (uint32_t h = 0; h < s->count; h++) {
            const uint32_t position = s->at[h].position;
            if (q->suggested[position] != label)
                q->issue[position] = true;
        }
    }
    for (size_t i = 0; i < part->sample_count; i++)
        q->issues[label] += q->issue[c->ordered[part->first_sample + i]];
}

/* A label's pairs and samples are its own, so labels are looked at side by side. */
static int choose_of_label(void *context, size_t label, int worker)
{
    const choosing *c = context;
    const label_quality *q = c->work->q;
    const label_part *part = &c->part[label];
    double *room = c->room + (size_t)worker * c->batch * q->class_count;
    uint32_t *rows = c->rows + (size_t)worker * c->batch;
    if (part->pair_count == 0)
        return 0;
    for (size_t done = 0; done < part->sample_count; done += c->batch) {
        const size_t left = part->sample_count - done;
        const size_t count = left < c->batch ? left : c->batch;
        const uint32_t *position = c->ordered + part->first_sample + done;
        for (size_t i = 0; i < count; i++)
            rows[i] = q->row[position[i]];
        probabilities_gather(c->work->f->probability, rows, 0, count, room);
        for (size_t i = 0; i < count; i++)
            consider_row(c, part, room + i * q->class_count, (uint16_t)label, position[i]);
    }
    mark_issues(c, part, (uint16_t)label);
    return 0;
}

static void order_samples(const choosing *c)
{
    const label_quality *q = c->work->q;
    size_t first = 0;
    for (uint32_t k = 0; k < q->class_count; k++) {
        c->part[k] = (label_part){.first_sample = first};
        first += q->labelled[k];
    }
    for (size_t i = 0; i < q->count; i++) {
        label_part *part = &c->part[quality_label(c->work, i)];
        c->ordered[part->first_sample + part->sample_count++] = (uint32_t)i;
    }
}

static bool is_pair(const joint_cell *cell)
{
    return cell->given != cell->truly && cell->calibrated > 0;
}

static void lay_out_pairs(const choosing *c)
{
    const label_quality *q = c->work->q;
    suspect *heap = c->heaps;
    size_t pairs = 0;
    for (size_t i = 0; i < q->cell_count; i++) {
        const joint_cell *cell = &q->cell[i];
        if (!is_pair(cell))
            continue;
        label_part *part = &c->part[cell->given];
        part->first_pair = part->pair_count ? part->first_pair : pairs;
        part->pair_count++;
        c->pair[pairs++] = (suspects){
            .at = heap, .most = cell->calibrated, .truly = cell->truly, .least = -(double)INFINITY};
        heap += cell->calibrated;
    }
}

assay_code label_issues(const quality_work *w, assay_err *err)
{
    label_quality *q = w->q;
    size_t pairs = 0, places = 0;
    for (size_t i = 0; i < q->cell_count; i++) {
        pairs += is_pair(&q->cell[i]);
        places += is_pair(&q->cell[i]) ? q->cell[i].calibrated : 0;
    }
    choosing c = {.work = w, .batch = GATHERED_VALUES / q->class_count + 1};
    const size_t workers = (size_t)w->thread_count;
    ASSAY_AUTO_MEM label_part *part = mem_alloc(q->class_count, sizeof *part);
    ASSAY_AUTO_MEM uint32_t *ordered = mem_alloc(q->count, sizeof *ordered);
    ASSAY_AUTO_MEM suspects *pair = mem_alloc(pairs, sizeof *pair);
    ASSAY_AUTO_MEM suspect *heaps = mem_alloc(places, sizeof *heaps);
    ASSAY_AUTO_MEM double *room = mem_alloc(workers * c.batch * q->class_count, sizeof *room);
    ASSAY_AUTO_MEM uint32_t *rows = mem_alloc(workers * c.batch, sizeof *rows);
    if (!part || !ordered || !pair || !heaps || !room || !rows)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu suspect labels", places);
    c.part = part;
    c.ordered = ordered;
    c.pair = pair;
    c.heaps = heaps;
    c.room = room;
    c.rows = rows;
    order_samples(&c);
    lay_out_pairs(&c);
    (void)threads_run(q->class_count, w->thread_count, choose_of_label, &c);
    for (uint32_t k = 0; k < q->class_count; k++)
        q->issue_count += q->issues[k];
    return ASSAY_OK;
}
