/* The report for people: the order of its parts. */
#include "report/report.h"

#include "report/text_sections.h"

enum { COLUMNS_LEAST = 60, COLUMNS_WIDEST = 100 };

void report_text(const evaluated *e, const report_style *style, text *out)
{
    page p = {.e = e, .style = *style, .out = out};
    if (p.style.columns < COLUMNS_LEAST)
        p.style.columns = COLUMNS_LEAST;
    if (p.style.columns > COLUMNS_WIDEST)
        p.style.columns = COLUMNS_WIDEST;
    section_input(&p);
    section_warnings(&p);
    section_scores(&p);
    section_classes(&p);
    section_confusion(&p);
    section_pairs(&p);
    section_calibration(&p);
    section_risk(&p);
    section_metrics(&p);
    section_performance(&p);
}
