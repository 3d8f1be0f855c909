/* net/http_date.h */
#include "net/http_date.h"
#include <curl/curl.h>

bool http_date_read(struct slice value, int64_t *ms) {
    char date[64];
    value = slice_trim(value);
    if (value.length == 0 || value.length >= sizeof date) return false;
    memcpy(date, value.data, value.length);
    date[value.length] = '\0';
    time_t seconds = curl_getdate(date, NULL);
    *ms = (int64_t)seconds * 1000;
    return seconds != -1;
}
