/* cli/top_view.h */
#include "cli/top_view.h"
#include <stdlib.h>

static void type(struct top_view *view, int key) {
    size_t length = strlen(view->filter);
    if (key == TOP_KEY_ENTER) {
        view->typing = false;
    } else if (key == TOP_KEY_ESCAPE) {
        view->typing = false;
        view->filter[0] = '\0';
    } else if (key == TOP_KEY_ERASE) {
        while (length > 0 && ((unsigned char)view->filter[length - 1] & 0xC0) == 0x80)
            length--;
        view->filter[length ? length - 1 : 0] = '\0';
    } else if (key >= ' ' && key < 256 && key != 127 && length + 1 < sizeof view->filter) {
        view->filter[length] = (char)key;
        view->filter[length + 1] = '\0';
    }
    memset(view->chosen, 0, sizeof view->chosen);
}

static void escape(struct top_view *view) {
    if (view->help || view->detail)
        view->help = view->detail = false;
    else
        view->filter[0] = '\0';
}

static void sort_next(struct top_view *view) {
    enum top_sort *sort = &view->sort[view->section];
    *sort = (*sort + 1) % TOP_SORTS;
}

enum top_wish top_view_key(struct top_view *view, int key) {
    size_t *chosen = &view->chosen[view->section];
    view->message[0] = '\0';
    if (view->typing) {
        type(view, key);
        return TOP_NOTHING;
    }
    switch (key) {
    case 'q': return TOP_QUIT;
    case 'r': return TOP_RELOAD;
    case '?': view->help = !view->help; break;
    case '/': view->typing = true; break;
    case 's': sort_next(view); break;
    case 'p': view->paused = !view->paused; break;
    case '\t': view->section = (view->section + 1) % TOP_SECTIONS; break;
    case TOP_KEY_ENTER: view->detail = !view->detail; break;
    case TOP_KEY_ESCAPE: escape(view); break;
    case 'j':
    case TOP_KEY_DOWN: ++*chosen; break; /* the layout keeps it within the list */
    case 'k':
    case TOP_KEY_UP: *chosen -= *chosen > 0; break;
    default: break;
    }
    return TOP_NOTHING;
}

void top_view_note(struct top_view *view, const struct top_status *status) {
    if (!status->running || status->received_rate < 0) return;
    if (view->history_count == TOP_HISTORY) {
        memmove(view->history, view->history + 1, (TOP_HISTORY - 1) * sizeof view->history[0]);
        view->history_count--;
    }
    view->history[view->history_count++] = status->received_rate;
}

/* ---- what is listed ------------------------------------------------------------------------- */

static char small(char byte) { return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte; }

static bool passes(struct slice name, const char *filter) {
    size_t length = strlen(filter);
    for (size_t at = 0; at + length <= name.length; at++) {
        size_t same = 0;
        while (same < length && small(name.data[at + same]) == small(filter[same]))
            same++;
        if (same == length) return true;
    }
    return false;
}

/* As configured: rows lie in one array. */
static int by_place(const struct top_row *a, const struct top_row *b) { return (a > b) - (a < b); }

static int by_name(const void *a, const void *b) {
    const struct top_row *first = *(const struct top_row *const *)a;
    const struct top_row *second = *(const struct top_row *const *)b;
    int order =
        memcmp(first->name.data, second->name.data, MIN(first->name.length, second->name.length));
    if (order) return order;
    return (first->name.length > second->name.length) - (first->name.length < second->name.length);
}

static int by_rate(const void *a, const void *b) {
    const struct top_row *first = *(const struct top_row *const *)a;
    const struct top_row *second = *(const struct top_row *const *)b;
    int order = (first->rate < second->rate) - (first->rate > second->rate);
    return order ? order : by_place(first, second);
}

static int by_total(const void *a, const void *b) {
    const struct top_row *first = *(const struct top_row *const *)a;
    const struct top_row *second = *(const struct top_row *const *)b;
    int order = (first->total < second->total) - (first->total > second->total);
    return order ? order : by_place(first, second);
}

const struct top_row **top_view_rows(const struct top_view *view, const struct top_status *status,
                                     enum top_section section, struct arena *arena, size_t *count) {
    static int (*const orders[TOP_SORTS])(const void *a, const void *b) = { NULL, by_name, by_rate,
                                                                            by_total };
    size_t all = status->counts[section];
    const struct top_row **rows = arena_alloc(arena, MAX(all, (size_t)1) * sizeof(void *));
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (passes(status->rows[section][i].name, view->filter))
            rows[(*count)++] = &status->rows[section][i];
    if (orders[view->sort[section]])
        qsort(rows, *count, sizeof(void *), orders[view->sort[section]]);
    return rows;
}
