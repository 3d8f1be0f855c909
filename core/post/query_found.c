/* What processing found, as operators of search and alerts: sentiment:, score:, query:. */
#include "post/query_internal.h"
#include "text/fold.h"
#include <math.h>
#include <stdlib.h>

static struct query_tree *value_leaf(struct query_builder *builder, const struct lexeme *lexeme,
                                     enum query_op op, struct slice value) {
    struct query_set *set = builder->set;
    set->values = query_room(set->values, set->value_count, &set->value_capacity, sizeof value);
    set->values[set->value_count] = arena_copy(&set->arena, value);
    return query_tree_new(builder, op, (uint32_t)set->value_count++, lexeme->from, lexeme->to);
}

struct query_tree *query_found_label(struct query_builder *builder, const struct lexeme *lexeme) {
    return value_leaf(builder, lexeme, QUERY_LABEL, fold_text(lexeme->value, builder->arena));
}

struct query_tree *query_found_name(struct query_builder *builder, const struct lexeme *lexeme) {
    return value_leaf(builder, lexeme, QUERY_NAMED, lexeme->value);
}

/* The whole of `text` as a decimal number; copied because strtod needs an end. */
static bool read_score(struct slice text, double *score) {
    char digits[32], *stop;
    if (text.length == 0 || text.length >= sizeof digits) return false;
    for (size_t i = 0; i < text.length; i++)
        if (!memchr("0123456789.-+", text.data[i], 13)) return false;
    memcpy(digits, text.data, text.length);
    digits[text.length] = '\0';
    *score = strtod(digits, &stop);
    return *stop == '\0';
}

/* "<-0.5", ">=0.2", "-0.1..0.1", "0". */
static bool read_range(struct slice text, struct query_range *range) {
    *range = (struct query_range){ .lowest = -INFINITY, .highest = INFINITY };
    const char *dots = memmem(text.data, text.length, "..", 2);
    if (dots) {
        size_t at = (size_t)(dots - text.data);
        return read_score(slice_first(text, at), &range->lowest) &&
               read_score(slice_skip(text, at + 2), &range->highest);
    }
    char sign = text.data[0];
    bool bounds = sign == '<' || sign == '>';
    bool equal = text.length > bounds && text.data[bounds] == '=';
    text = slice_skip(text, (size_t)bounds + equal);
    double score;
    if (!read_score(text, &score)) return false;
    if (sign != '<') range->lowest = score;
    if (sign != '>') range->highest = score;
    range->above = sign == '>' && !equal;
    range->below = sign == '<' && !equal;
    return true;
}

struct query_tree *query_found_score(struct query_builder *builder, const struct lexeme *lexeme) {
    struct query_set *set = builder->set;
    struct query_range range;
    size_t at = (size_t)(lexeme->value.data - builder->text.data);
    if (!read_range(lexeme->value, &range)) {
        query_refuse(builder, at, "score: needs a number, or one behind <, <=, > or >=, or a..b");
        error_suggest(builder->err, "for example score:<-0.5 or score:-0.1..0.1");
        return NULL;
    }
    if (range.lowest > range.highest) {
        query_refuse(builder, at, "no score is above the first and below the second of these");
        return NULL;
    }
    set->ranges = query_room(set->ranges, set->range_count, &set->range_capacity, sizeof range);
    set->ranges[set->range_count] = range;
    return query_tree_new(builder, QUERY_SCORE, (uint32_t)set->range_count++, lexeme->from,
                          lexeme->to);
}

static bool range_holds(const struct query_range *range, double score) {
    return (range->above ? score > range->lowest : score >= range->lowest) &&
           (range->below ? score < range->highest : score <= range->highest);
}

static bool label_holds(struct slice wanted, struct slice label, struct arena *arena) {
    return slice_equal(wanted, label) || slice_equal(wanted, fold_text(label, arena));
}

static bool leaf_holds(const struct query_set *set, const struct query_node *node,
                       const struct message *message, struct arena *arena) {
    if (node->op == QUERY_LABEL)
        return label_holds(set->values[node->number], message->label, arena);
    return message->scored && range_holds(&set->ranges[node->number], message->score);
}

bool query_set_may_hold(const struct query_set *set, size_t query, const struct message *message,
                        struct arena *arena) {
    uint32_t root = set->queries[query].root, at = root + (set->nodes[root].op == QUERY_AND);
    for (; at < set->nodes[root].end; at = set->nodes[at].end) {
        const struct query_node *node = &set->nodes[at];
        bool told = node->op == QUERY_LABEL || node->op == QUERY_SCORE;
        if (told && !leaf_holds(set, node, message, arena)) return false;
    }
    return true;
}

static bool names_hold(struct slice wanted, const struct slice_list *names) {
    for (uint32_t i = 0; i < names->count; i++)
        if (slice_equal(wanted, names->items[i])) return true;
    return false;
}

bool query_found_holds(struct query_scratch *scratch, const struct query_node *node) {
    const struct message *message = scratch->message;
    if (node->op == QUERY_NAMED)
        return names_hold(scratch->set->values[node->number], &message->query_names);
    return leaf_holds(scratch->set, node, message, &scratch->arena);
}
