/* The manual pages; all that they list comes from the tables by which linnet itself works. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

/* linnet, linnet-config or linnet-query, to standard output; the exit code. */
int print_manual(const char *page);

void print_config_manual(void);
void print_query_manual(void);

#endif
