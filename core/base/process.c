/* base/process.h */
#include "base/process.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "base/os.h"
#include <stdlib.h>

/* The number behind `name` in a file of /proc; 0 when there is none. */
static uint64_t number_after(const char *text, const char *name) {
    const char *found = text ? strstr(text, name) : NULL;
    return found ? strtoull(found + strlen(name), NULL, 10) : 0;
}

static void count_name(void *context, const char *name) {
    (void)name;
    ++*(uint64_t *)context;
}

struct process_use process_look(void) {
    struct process_use use = { .cpu_ns = clock_cpu_ns() };
    size_t length;
    char *status = os_read_file("/proc/self/status", 65536, &length);
    char *limits = os_read_file("/proc/self/limits", 65536, &length);
    use.resident_bytes = number_after(status, "\nVmRSS:") * 1024;
    use.virtual_bytes = number_after(status, "\nVmSize:") * 1024;
    use.threads = number_after(status, "\nThreads:");
    use.most_descriptors = number_after(limits, "\nMax open files");
    memory_free(status);
    memory_free(limits);
    if (!os_list_folder("/proc/self/fd", count_name, &use.descriptors)) use.descriptors = 0;
    use.descriptors -= use.descriptors > 0; /* that of the list itself */
    return use;
}
