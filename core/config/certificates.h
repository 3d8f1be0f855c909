/* Files of certificates, which libcurl reads only when it first asks a server. */
#ifndef CONFIG_CERTIFICATES_H
#define CONFIG_CERTIFICATES_H

#include "base/error.h"

/* Whether there is one in the file, as PEM. `name` is what names the file, for the sentence. */
bool certificates_check(const char *name, const char *path, struct error *err) MUST_CHECK;

#endif
