/* The profiles of ~/.aws/config and ~/.aws/credentials, as AWS's own tools read them. Reading
 * blocks on files; any thread. */
#ifndef AWS_PROFILES_H
#define AWS_PROFILES_H

#include "aws/ini.h"

struct profiles {
    const char *config_path, *credentials_path; /* NULL: there is no home folder */
    struct ini config, credentials;
    char *config_text, *credentials_text; /* hold secrets: profiles_free */
    size_t config_bytes, credentials_bytes;
    struct arena *arena;
};

/* As AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say, else in ~/.aws, where they may be
 * missing. False with *err when one cannot be read; then there is nothing to free. */
bool profiles_read(struct profiles *profiles, struct arena *arena, struct error *err) MUST_CHECK;
/* Wipes the files' texts: no value of a profile holds any more. */
void profiles_free(struct profiles *profiles);

bool profiles_have(const struct profiles *profiles, const char *profile);
/* data NULL when neither file says it; the credentials file holds before the config file. */
struct slice profile_value(const struct profiles *profiles, const char *profile, const char *name);
/* Of a section "[services NAME]" of the config file. */
struct slice profiles_service(const struct profiles *profiles, struct slice services,
                              const char *name);

#endif
