#ifndef FRAME_FRAME_H
#define FRAME_FRAME_H

#include "frame/classes.h"
#include "frame/probabilities.h"
#include "frame/selection.h"

/** A number for each sample; NaN where it is missing. */
typedef struct metric_column {
    char *name;
    double *value;        /* row_count numbers; NULL where only the name was asked for */
    bool value_borrowed;  /* `value` belongs to somebody else in the frame */
    bool from_prediction; /* confidence, margin, prediction_entropy: says something of the model,
                             not of the image */
    bool on_request;      /* analysed only where it is named: it says what another metric says, or
                             it is measured against the label */
} metric_column;

/** A text for each sample as a code into its distinct values; ATTRIBUTE_MISSING where there is
 * none. */
#define ATTRIBUTE_MISSING UINT32_MAX
typedef struct attribute_column {
    char *name;
    uint32_t *code; /* row_count codes; NULL where only the name was asked for */
    char **value;   /* value_count texts */
    uint32_t value_count;
} attribute_column;

/** One text a sample, end to end: sample i is bytes[start[i] .. start[i + 1]). */
typedef struct text_column {
    char *name;
    uint64_t *start; /* row_count + 1 entries */
    char *bytes;
} text_column;

/** A set of samples that somebody named. */
typedef struct tag_column {
    char *name;
    selection rows;
} tag_column;

/** The k most probable classes of each sample where that is all a file gives. Best first. */
typedef struct top_lists {
    uint16_t *code; /* row_count × length, CLASS_MISSING past the end of a shorter list */
    uint32_t length;
    uint32_t length_of_all; /* every sample has at least this many */
} top_lists;

/**
 * Samples in memory: one array a column, row = position in the file. Immutable once made; share
 * freely. One label a sample (a frame of several labels a sample would be a second kind beside
 * this).
 */
typedef struct frame {
    size_t row_count;
    class_list classes;
    uint16_t *label;               /* code or CLASS_MISSING */
    uint16_t *prediction;          /* code or CLASS_MISSING */
    double *confidence;            /* NULL where the input has none; NaN where a sample has none */
    bool confidence_in_unit_range; /* every confidence lies in [0, 1]: calibration makes sense */
    probabilities *probability;    /* NULL where the input has none */
    top_lists top;                 /* length 0 where the input has none */
    metric_column *metric;
    size_t metric_count;
    attribute_column *attribute;
    size_t attribute_count;
    text_column id;   /* start NULL where it was not asked for */
    text_column path; /* of the image; start NULL where there is none or it was not asked for */
    tag_column *tag;
    size_t tag_count;
    uint32_t *group; /* NULL, or the group of each row */
    uint32_t group_count;
    char *model;           /* NULL where unknown */
    char *unchosen_models; /* "resnet, vit": of several that there are none is loaded; else NULL */
} frame;

/** Whether columns of this name, in either letter case, say something of a model, so that they are
 * there only where one is loaded: prediction, correct, confidence, margin, … O(length). */
bool frame_name_is_of_model(const char *name, size_t length);

/** Free everything. NULL is allowed. */
void frame_free(frame *f);

#endif
