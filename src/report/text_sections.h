#ifndef REPORT_TEXT_SECTIONS_H
#define REPORT_TEXT_SECTIONS_H

#include "report/page.h"

/* The parts of the text report in their order. Each prints nothing where it has nothing to say. */

void section_input(const page *p);
void section_warnings(const page *p);
void section_scores(const page *p);
void section_classes(const page *p);
void section_confusion(const page *p);
void section_pairs(const page *p);
void section_calibration(const page *p);
void section_risk(const page *p);
void section_metrics(const page *p);
void section_performance(const page *p);

/* Above this many classes only the worst are listed and no matrix is drawn. */
enum { CLASSES_LISTED_MOST = 20, CLASSES_WORST = 10 };

#endif
