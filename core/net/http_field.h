/* A header of HTTP, or a parameter of a query: a name and a value, neither of them encoded. */
#ifndef NET_HTTP_FIELD_H
#define NET_HTTP_FIELD_H

#include "base/slice.h"

struct http_field {
    struct slice name, value;
};

#endif
