/* What X is told and tells of rules, as JSON. Pure. */
#ifndef X_RULE_TALK_H
#define X_RULE_TALK_H

#include "base/compiler.h"
#include "x/rule_list.h"
#include <stdbool.h>

/* Reads one page of X's answer and adds its rules, copied into the arena; *next is the token of the
 * next page, or empty. False: it is no such answer. */
bool x_rules_read(struct slice json, struct x_rule_list *rules, struct slice *next,
                  struct arena *arena) MUST_CHECK;

/* The bodies of requests: rules from `from` on, at most so many as X takes at once; *count of them.
 */
struct slice x_rules_add_body(const struct x_rule_list *rules, size_t from, size_t *count,
                              struct arena *arena);
struct slice x_rules_delete_body(const struct x_rule_list *rules, size_t from, size_t *count,
                                 struct arena *arena);

/* What X refused of rules that were added: calls `refused` with the rule of that text (NULL: X
 * names none) and a sentence. That a rule is there already is no refusal. */
void x_rules_refused(struct slice json, const struct x_rule_list *asked,
                     void (*refused)(void *context, const struct x_rule *rule, const char *why),
                     void *context);

#endif
