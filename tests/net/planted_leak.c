/* Memory that nobody frees or points to: the address sanitizer must report it at exit. */
#include "base/mem.h"

int main(void)
{
    char *volatile lost = mem_alloc(10, 1);
    lost = NULL;
    return lost != NULL;
}
