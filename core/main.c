/* linnet: listens to social streams, keeps what matches, scores it, delivers it. */
#include "cli/verbs.h"

int main(int argc, char **argv) { return command_line(argc, argv); }
