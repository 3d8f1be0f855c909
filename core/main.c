/* linnet: listens to social streams, keeps what matches, scores it, delivers it. */
#include "base/os.h"
#include "cli/verbs.h"

int main(int argc, char **argv) {
    os_hold_standard_descriptors();
    return command_line(argc, argv);
}
