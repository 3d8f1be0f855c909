/* Verb "forget". */
#include "cli/verbs.h"
int verb_forget(const struct arguments *arguments) { (void)arguments; return 1; }
