/* What an archive is told, and what it makes of that. */
#ifndef ARCHIVE_OPTIONS_H
#define ARCHIVE_OPTIONS_H

#include "archive/gather.h"

#define ARCHIVE_OPTIONS 17
extern const struct option archive_option_list[ARCHIVE_OPTIONS];

bool archive_check(const void *settings, struct error *err) MUST_CHECK;
bool archive_takes_bare(const void *settings);
/* Of a bucket: whether it can be listed and written. */
void *archive_online(const void *settings, struct online *online, struct error *err) MUST_CHECK;
/* All but where the parts are. In the arena. */
bool archive_settings(const struct archive_options *options, const struct sink_context *context,
                      struct arena *arena, struct gather_settings *settings,
                      struct error *err) MUST_CHECK;

#endif
