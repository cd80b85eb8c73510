/* A growing text with a maximum and a sticky failure. */
#include "base/text.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(text *t, size_t most)
{
    *t = (text){.most = most};
}

void text_clear(text *t)
{
    mem_free(t->at);
    *t = (text){.most = t->most};
}

static bool make_room(text *t, size_t more)
{
    if (t->broken)
        return false;
    if (more > t->most - t->length) {
        t->broken = true;
        t->over = true;
        return false;
    }
    if (t->length + more < t->room)
        return true;
    size_t room = t->room ? t->room * 2 : 256;
    while (room <= t->length + more)
        room *= 2;
    char *at = mem_resize(t->at, room, 1);
    if (!at) {
        t->broken = true;
        return false;
    }
    t->at = at;
    t->room = room;
    return true;
}

void text_put(text *t, const char *at, size_t length)
{
    if (!make_room(t, length))
        return;
    if (length)
        memcpy(t->at + t->length, at, length);
    t->length += length;
    t->at[t->length] = '\0';
}

void text_puts(text *t, const char *s)
{
    text_put(t, s, strlen(s));
}

void text_put_utf8(text *t, const char *at, size_t length)
{
    while (length > 0) {
        const size_t valid = utf8_valid(at, length);
        text_put(t, at, valid);
        if (valid == length)
            return;
        text_printf(t, "\\x%02x", (unsigned)(unsigned char)at[valid]);
        at += valid + 1;
        length -= valid + 1;
    }
}

void text_put_visible(text *t, const char *at, size_t length)
{
    for (size_t i = 0; i < length;) {
        const utf8_glyph g = utf8_visible(at + i, length - i);
        text_put(t, g.at, g.length);
        i += g.take;
    }
}

void text_repeat(text *t, const char *s, size_t times)
{
    for (size_t i = 0; i < times; i++)
        text_puts(t, s);
}

void text_printf(text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length >= 0 && make_room(t, (size_t)length)) {
        vsnprintf(t->at + t->length, (size_t)length + 1, fmt, again);
        t->length += (size_t)length;
    }
    va_end(again);
}

assay_code text_check(const text *t, assay_err *err)
{
    if (!t->broken)
        return ASSAY_OK;
    if (t->over)
        return assay_fail(err, ASSAY_E_LIMIT, "the text is longer than %zu bytes", t->most);
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a text of %zu bytes", t->length);
}

const char *text_view(const text *t)
{
    return t->at ? t->at : "";
}
