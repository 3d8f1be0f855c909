/* Runs one target over files, without a fuzzer: `make test` shows every committed input to it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/os.h"
#include "fuzz.h"

#define MOST_BYTES ((size_t)4 << 20)

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t length;
        char *bytes = os_read_file(argv[i], MOST_BYTES, &length);
        if (bytes == NULL) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
        memory_free(bytes);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
