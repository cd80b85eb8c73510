#ifndef STATS_COMPENSATED_H
#define STATS_COMPENSATED_H

/** Neumaier's sum: what each addition rounds off is kept beside. The total is *sum + *lost, both 0
 * at first, with an error that does not grow with the number of terms, however different they are.
 */
static inline void compensated_add(double *sum, double *lost, double term)
{
    const double before = *sum, next = before + term;
    const double before_size = before < 0.0 ? -before : before, size = term < 0.0 ? -term : term;
    *lost += before_size >= size ? (before - next) + term : (term - next) + before;
    *sum = next;
}

#endif
