#ifndef EVAL_SCORE_H
#define EVAL_SCORE_H

#include <math.h>
#include <stdbool.h>

/** A score and its interval. */
typedef struct score {
    double value;       /* NaN: no answer */
    double low, high;   /* NaN: no interval */
    const char *method; /* how the interval was made ("wilson", "delta-logit", …); "none" without
                           one; static text */
    bool undefined;     /* 0 because there was nothing to divide by */
    bool few;           /* too few samples for the interval to mean what it says */
} score;

/** No answer, no interval. */
static inline score score_none(void)
{
    return (score){.value = (double)NAN, .low = (double)NAN, .high = (double)NAN, .method = "none"};
}

#endif
