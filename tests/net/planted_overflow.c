/* One byte read behind an allocation: the address sanitizer must report it. */
#include "base/mem.h"

int main(void)
{
    volatile size_t behind = 10;
    char *bytes = mem_zalloc(behind, 1);
    if (!bytes)
        return 0;
    volatile char read = bytes[behind];
    mem_free(bytes);
    return read;
}
