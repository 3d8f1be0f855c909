/* HTTP of a running linnet: /healthz, /readyz, /metrics, POST /-/reload.
 *
 * On the loop. What may come in, web/guard.h says. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "flow/vitals.h"

struct web;

/* Listens as the settings say; where it cannot, it warns, tries again and says so in `instance`,
 * which outlives it. */
struct web *web_create(struct instance *instance, const struct http_settings *settings) MUST_CHECK;
/* Goes over to other settings, which are copied. */
void web_adopt(struct web *web, const struct http_settings *settings);
/* Before reloader_destroy. */
void web_destroy(struct web *web);

#endif
