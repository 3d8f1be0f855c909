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
/* Text from outside as part of one row: line ends become spaces, and on a terminal nothing that
 * could act on it is left. */
void print_text(struct slice text);
/* From here on print() and the rest go to standard error: they tell about wrong usage. */
void print_is_complaint(void);
/* To standard error, at once, and inert: control characters of what is quoted are left out. */
void complain(const char *format, ...) FORMAT(1, 2);
/* The same with the control characters of a terminal. */
void draw(const char *format, ...) FORMAT(1, 2);
/* The error with its place; returns its exit code. */
int complain_error(const struct error *err);

#endif
