/* Lists whose items know what points to them, so that one can leave from anywhere: an item has
 * `next` and `link`, a list is a pointer to its first item. */
#ifndef BASE_LINKS_H
#define BASE_LINKS_H

#include <stddef.h>

/* At the front of `list`, which is the address of that pointer. */
#define LINK_IN(item, list)                                                                        \
    do {                                                                                           \
        (item)->next = *(list);                                                                    \
        (item)->link = (list);                                                                     \
        if ((item)->next) (item)->next->link = &(item)->next;                                      \
        *(list) = (item);                                                                          \
    } while (0)

/* Out of the list that it is in; its link is NULL then. */
#define LINK_OUT(item)                                                                             \
    do {                                                                                           \
        *(item)->link = (item)->next;                                                              \
        if ((item)->next) (item)->next->link = (item)->link;                                       \
        (item)->link = NULL;                                                                       \
    } while (0)

#endif
