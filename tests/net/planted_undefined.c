/* A signed sum that does not fit: the undefined-behaviour sanitizer must report it. */
#include <limits.h>

int main(void)
{
    volatile int most = INT_MAX;
    most = most + 1;
    return 0;
}
