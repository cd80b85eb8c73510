/* Two workers add to one plain number: the thread sanitizer must report it. */
#include "base/threads.h"

enum { CHUNKS = 1000, THREADS = 2, ROUNDS = 1000 };

static int add(void *context, size_t chunk, int worker)
{
    (void)chunk;
    (void)worker;
    volatile int *sum = context;
    for (int i = 0; i < ROUNDS; i++)
        *sum = *sum + 1;
    return 0;
}

int main(void)
{
    int sum = 0;
    return threads_run(CHUNKS, THREADS, add, &sum);
}
