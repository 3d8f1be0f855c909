/* What the two files of verb "dlq" share. */
#ifndef CLI_DLQ_H
#define CLI_DLQ_H

#include "cli/verbs.h"
#include "store/dead_letters.h"

/* 0 when the word is no number of a letter. */
int64_t letter_number(const char *word);
/* `dlq replay`, of letters that are open to be dropped; returns the exit code. */
int letters_replay(const struct arguments *arguments, const char *folder,
                   struct dead_letters *letters);

#endif
