/* JSON without a tree. */
#include "server/json_words.h"

#include "base/quoting.h"

#include <math.h>
#include <string.h>

void put_json_number(text *out, double value)
{
    if (isfinite(value))
        put_real(out, value);
    else
        text_puts(out, "null");
}

void put_json_word(text *out, const char *word)
{
    if (word)
        quote_json(out, word, strlen(word));
    else
        text_puts(out, "null");
}
