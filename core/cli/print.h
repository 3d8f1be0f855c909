/* Data to standard output, everything else to standard error. The command line's thread only. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/slice.h"

/* Gathered; written when enough came together and by print_flush. A closed pipe ends the program
 * quietly with exit code 0, any other failure with 1 and a sentence. */
void print(const char *format, ...) FORMAT(1, 2);
void print_slice(struct slice text);
void print_flush(void);
/* To standard error, at once. */
void complain(const char *format, ...) FORMAT(1, 2);
/* The error with its place; returns its exit code. */
int complain_error(const struct error *err);

#endif
