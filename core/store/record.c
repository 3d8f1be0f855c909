/* store/record.h */
#include "store/record.h"

const struct document *record_document(const struct record *record, struct slice sink,
                                       struct slice schema) {
    for (uint32_t i = 0; i < record->route_count; i++)
        if (slice_equal(record->routes[i].sink, sink))
            return &record->documents[record->routes[i].document];
    for (uint32_t i = 0; i < record->document_count; i++)
        if (slice_equal(record->documents[i].schema, schema)) return &record->documents[i];
    return NULL;
}
