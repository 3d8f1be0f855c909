/* linnet: listens to social streams, keeps what matches, scores it, delivers it. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/verbs.h"

int main(int argc, char **argv) {
    memory_share_heaps();
    os_hold_standard_descriptors();
    return command_line(argc, argv);
}
