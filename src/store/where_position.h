#ifndef STORE_WHERE_POSITION_H
#define STORE_WHERE_POSITION_H

/**
 * At which character of a condition (from 0) DuckDB's message puts its caret; -1 where it has none
 * or points elsewhere. The condition began on the second line of what DuckDB read. Pure. O(length).
 */
long where_position(const char *condition, const char *message);

#endif
