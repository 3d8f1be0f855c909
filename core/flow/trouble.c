/* flow/trouble.h */
#include "flow/trouble.h"
#include "base/clock.h"
#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>

#define QUIET_NS (60 * UINT64_C(1000000000))

bool trouble_is_news(struct trouble *trouble, int what) {
    uint64_t now_ns = clock_monotonic_ns();
    if (trouble->said == what && now_ns - trouble->said_ns < QUIET_NS) return false;
    *trouble = (struct trouble){ what, what, now_ns };
    return true;
}

bool trouble_is_over(struct trouble *trouble) {
    bool over = trouble->now != 0;
    trouble->now = 0;
    return over;
}

void trouble_say(const struct sink_context *context, bool news, const char *format, ...) {
    char text[sizeof((struct error *)NULL)->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    delivery_trouble(context->delivery, text);
    if (news) log_warning(context->name, "%s; tried again until it works", text);
}

void trouble_say_over(const struct sink_context *context) {
    delivery_trouble(context->delivery, "");
    log_info(context->name, "it works again");
}
