/* Two threads add to one plain number, and nothing orders one before the other, whatever their
 * timing: the thread sanitizer must report it. */
#include <pthread.h>
#include <stddef.h>

static int sum;

static void *add(void *unused)
{
    sum = sum + 1;
    return unused;
}

int main(void)
{
    pthread_t first;
    pthread_t second;
    if (pthread_create(&first, NULL, add, NULL) || pthread_create(&second, NULL, add, NULL))
        return 2;
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return sum == 0;
}
