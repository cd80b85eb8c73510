/* DuckDB quotes the line at fault and puts a caret beneath it:
 *
 *     LINE 2: brihgtness > 3
 *             ^
 *
 * Of a long line it quotes a piece, with "..." for what it left out. */
#include "store/where_position.h"

#include <stdlib.h>
#include <string.h>

static const char cut[] = "...";
enum { CUT = sizeof cut - 1 };

/* Characters, not bytes, before `end`. */
static long characters(const char *at, const char *end)
{
    long count = 0;
    for (; at < end; at++)
        count += ((unsigned char)*at & 0xC0) != 0x80;
    return count;
}

/* The start of a line, from 0; NULL where there are fewer. */
static const char *line_start(const char *text, long line)
{
    for (; line > 0 && text; line--) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text;
}

/* The piece [at, end) in a line; NULL where it is not in it. */
static const char *find_piece(const char *line, const char *at, const char *end)
{
    const size_t length = (size_t)(end - at);
    const size_t room = strcspn(line, "\n");
    for (size_t i = 0; length <= room && i <= room - length; i++) {
        if (!memcmp(line + i, at, length))
            return line + i;
    }
    return NULL;
}

/* Where a character begins. */
static long byte_of(const char *text, long character)
{
    const char *at = text;
    for (; *at; at++) {
        if (((unsigned char)*at & 0xC0) != 0x80 && character-- == 0)
            break;
    }
    return (long)(at - text);
}

long where_position(const char *condition, const char *message)
{
    static const char mark[] = "\nLINE ";
    const char *quoted = message ? strstr(message, mark) : NULL;
    if (!quoted)
        return -1;
    const char *head = quoted + 1;
    char *colon;
    const long line = strtol(quoted + sizeof mark - 1, &colon, 10);
    const char *at = colon + 2;
    const char *start = line >= 2 && *colon == ':' ? line_start(condition, line - 2) : NULL;
    const char *end = start ? at + strcspn(at, "\n") : at;
    if (!start || *end != '\n')
        return -1;
    long column = (long)strcspn(end + 1, "^") - (long)(at - head);
    if (end[1 + strcspn(end + 1, "^\n")] != '^')
        return -1;
    if (!strncmp(at, cut, CUT)) {
        at += CUT;
        column -= CUT;
    }
    const char *last = end - at >= CUT && !memcmp(end - CUT, cut, CUT) ? end - CUT : end;
    const char *piece = find_piece(start, at, end);
    piece = piece ? piece : find_piece(start, at, last);
    if (!piece || column < 0 || column > characters(at, end))
        return -1;
    const long shown = characters(condition, piece) + column;
    /* DuckDB's parser counts in characters, and what draws the caret takes that for bytes. */
    return strncmp(message, "Parser Error", strlen("Parser Error")) ? shown
                                                                    : byte_of(condition, shown);
}
