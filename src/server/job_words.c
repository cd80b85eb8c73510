/* Words of a command as a message: nothing in them acts on who shows them, and they fit. */
#include "server/job_words.h"

#include "base/utf8.h"

#include <string.h>

static const char cut_mark[] = "…\n";
static const char command_name[] = "assay: ";
enum { CUT_BYTES = sizeof cut_mark - 1, NAME_BYTES = sizeof command_name - 1 };

void job_words_take(job_words *w, const char *at, size_t length)
{
    const size_t most = JOB_WORDS_BYTES_MOST;
    if (w->said < most) {
        const size_t room = most - (size_t)w->said;
        memcpy(w->first + w->said, at, length < room ? length : room);
    }
    const size_t had = w->said < most ? (size_t)w->said : most;
    const size_t more = length < most ? length : most;
    const size_t stays = had + more > most ? most - more : had;
    memmove(w->last, w->last + had - stays, stays);
    memcpy(w->last + stays, at + length - more, more);
    w->said += length;
}

/* What is still to be shown. */
typedef struct words_left {
    const char *at;
    size_t length;
    bool line_begins;
} words_left;

/* The next character as it is shown; of length 0 at the end. */
static utf8_glyph take_glyph(words_left *left)
{
    if (left->line_begins && left->length >= NAME_BYTES &&
        memcmp(left->at, command_name, NAME_BYTES) == 0) {
        left->at += NAME_BYTES;
        left->length -= NAME_BYTES;
    }
    utf8_glyph g = {.at = "\n", .length = 1, .take = 1};
    if (left->length == 0)
        return (utf8_glyph){0};
    left->line_begins = *left->at == '\n';
    if (!left->line_begins)
        g = utf8_visible(left->at, left->length);
    left->at += g.take;
    left->length -= g.take;
    return g;
}

static size_t shown_bytes(words_left left)
{
    size_t bytes = 0;
    for (utf8_glyph g = take_glyph(&left); g.length > 0; g = take_glyph(&left))
        bytes += g.length;
    return bytes;
}

/* As many characters as there is room for; the bytes. */
static size_t put_glyphs(words_left left, size_t room, char *out)
{
    size_t used = 0;
    for (utf8_glyph g = take_glyph(&left); g.length > 0 && used + g.length <= room;
         g = take_glyph(&left)) {
        memcpy(out + used, g.at, g.length);
        used += g.length;
    }
    return used;
}

static bool continues_a_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The bytes at the cut, of which some were not kept, may be a piece of a character. */
static size_t piece_at_end(words_left left)
{
    size_t piece = 1;
    while (piece < 4 && piece < left.length && continues_a_character(left.at[left.length - piece]))
        piece++;
    return utf8_valid(left.at + left.length - piece, piece) == piece ? 0 : piece;
}

static size_t piece_at_beginning(words_left left)
{
    size_t piece = 0;
    while (piece < 3 && piece < left.length && continues_a_character(left.at[piece]))
        piece++;
    return piece;
}

static size_t show_beginning(words_left left, char *out)
{
    size_t used = put_glyphs(left, JOB_WORDS_BYTES_MOST - CUT_BYTES, out);
    const char *line = memrchr(out, '\n', used);
    used = line && line > out ? (size_t)(line + 1 - out) : used;
    memcpy(out + used, cut_mark, CUT_BYTES);
    return used + CUT_BYTES;
}

static size_t show_end(words_left left, size_t bytes, char *out)
{
    while (bytes > JOB_WORDS_BYTES_MOST - CUT_BYTES)
        bytes -= take_glyph(&left).length;
    const char *line = left.length > 1 ? memchr(left.at, '\n', left.length - 1) : NULL;
    if (line) {
        left.length -= (size_t)(line + 1 - left.at);
        left.at = line + 1;
        left.line_begins = true;
    }
    memcpy(out, cut_mark, CUT_BYTES);
    return CUT_BYTES + put_glyphs(left, JOB_WORDS_BYTES_MOST - CUT_BYTES, out + CUT_BYTES);
}

size_t job_words_show(const job_words *w, bool ending, char out[JOB_WORDS_BYTES_MOST + 1])
{
    const bool gone = w->said > JOB_WORDS_BYTES_MOST;
    words_left left = {.at = ending ? w->last : w->first,
                       .length = gone ? JOB_WORDS_BYTES_MOST : (size_t)w->said,
                       .line_begins = !(gone && ending)};
    if (gone && ending) {
        const size_t piece = piece_at_beginning(left);
        left.at += piece;
        left.length -= piece;
    } else if (gone) {
        left.length -= piece_at_end(left);
    }
    const size_t bytes = shown_bytes(left);
    size_t used;
    if (!gone && bytes <= JOB_WORDS_BYTES_MOST)
        used = put_glyphs(left, JOB_WORDS_BYTES_MOST, out);
    else
        used = ending ? show_end(left, bytes, out) : show_beginning(left, out);
    out[used] = '\0';
    return used;
}
