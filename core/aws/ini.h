/* The files ~/.aws/config and ~/.aws/credentials: sections of settings.
 *
 * Source: "Configuration and credential file settings" of the AWS CLI user guide. A line is a
 * section "[profile name]", a setting "name = value", a comment that begins with '#' or ';', or
 * goes on the setting above when it is indented: below a setting without a value it is one of its
 * own, "s3.addressing_style". What follows " #" or " ;" is a comment, too. Names are in lower case,
 * the last of two of one name holds. Pure. */
#ifndef AWS_INI_H
#define AWS_INI_H

#include "base/arena.h"
#include "base/error.h"

#define INI_MOST_BYTES ((size_t)1 << 20)

struct ini_setting {
    struct slice section;
    struct slice name, value;
    const struct ini_setting *before; /* the one above in the file */
};

struct ini_section {
    struct slice name; /* what stands between the brackets */
    const struct ini_section *before;
};

struct ini {
    const struct ini_setting *last;     /* NULL: there is none */
    const struct ini_section *sections; /* the last */
};

/* Settings lie in the arena, or are slices of `text`. The error names file and line, and quotes
 * neither: it may be a secret. */
bool ini_read(struct slice text, const char *path, struct arena *arena, struct ini *ini,
              struct error *err) MUST_CHECK;
/* data NULL when there is none. */
struct slice ini_value(const struct ini *ini, struct slice section, const char *name);
/* Whether there is such a section, though it may be empty. */
bool ini_has(const struct ini *ini, struct slice section);

#endif
