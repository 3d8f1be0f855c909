/* A function that the linker puts between linnet's files: see WRAPPED in the Makefile. */
#ifndef SIM_WRAP_H
#define SIM_WRAP_H

/* `name` as it is, __real_name, and as others call it. */
#define WRAP(type, name, ...)                                                                      \
    type __real_##name(__VA_ARGS__); /* NOLINT(bugprone-reserved-identifier) */                    \
    type __wrap_##name(__VA_ARGS__); /* NOLINT(bugprone-reserved-identifier) */                    \
    type __wrap_##name(__VA_ARGS__)  /* NOLINT(bugprone-reserved-identifier) */

#endif
