/* aws/settings.h: what can be said of settings before anything is asked. */
#include "aws/settings.h"
#include "aws/origin.h"
#include "aws/plan.h"

bool aws_settings_check(const struct aws_settings *settings, struct error *err) {
    struct origin origin;
    struct error unused;
    const char *region = settings->region, *endpoint = settings->endpoint;
    if (region && !plan_is_region(slice_of(region)))
        return error_set(err, ERROR_CONFIG,
                         "region takes a name such as \"eu-west-1\", not \"%.100s\"", region);
    struct slice address = slice_of(endpoint ? endpoint : "");
    while (slice_ends(address, SLICE("/")))
        address.length--;
    if (endpoint == NULL || origin_read(address, endpoint, &origin, &unused)) return true;
    return error_set(err, ERROR_CONFIG,
                     "endpoint takes https://HOST[:PORT], a port from 1 to 65535, not \"%.200s\"",
                     endpoint);
}
