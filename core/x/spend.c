/* x/spend.h */
#include "x/spend.h"
#include "base/date.h"
#include <math.h>
#include <stdio.h>

#define DAY_MS INT64_C(86400000)
/* A rate of less than an hour says nothing of a day. */
#define LEAST_MS INT64_C(3600000)
#define WARN_SHARE 0.8
#define NARROW_SHARE 0.9

static int64_t month_start(int64_t now_ms) {
    char text[DATE_BYTES];
    date_write(now_ms, text);
    return (now_ms / DAY_MS - ((text[8] - '0') * 10 + text[9] - '0' - 1)) * DAY_MS;
}

static int64_t month_end(int64_t now_ms) {
    int64_t end_ms = month_start(now_ms) + 28 * DAY_MS;
    while (month_start(end_ms) != end_ms)
        end_ms += DAY_MS;
    return end_ms;
}

/* What it will be at the end of a period, when it goes on as it did. */
static double forecast(double spent, int64_t from_ms, int64_t now_ms, int64_t end_ms) {
    return spent * (double)(end_ms - from_ms) / (double)MAX(now_ms - from_ms, LEAST_MS);
}

static void look_at(struct x_spend *spend, double spent, double budget, const char *period,
                    int64_t end_ms) {
    enum x_thrift thrift = X_FREE;
    if (budget <= 0) return;
    if (spent >= budget * WARN_SHARE) thrift = X_WARN;
    if (spent >= budget * NARROW_SHARE) thrift = X_NARROW;
    if (spent >= budget) thrift = X_PAUSE;
    if (thrift < spend->thrift) return;
    spend->thrift = thrift;
    spend->period = period;
    spend->until_ms = end_ms;
}

struct x_spend x_spend_of(const struct x_settings *settings, const struct x_read *read,
                          int64_t now_ms) {
    struct x_read now = *read;
    struct x_spend spend = { .period = "" };
    int64_t day_ms = now_ms / DAY_MS * DAY_MS, month_ms = month_start(now_ms);
    x_read_add(&now, 0, now_ms); /* days that are over count no more */
    spend.day = (double)now.day[0].posts * settings->price;
    spend.month = (double)now.month[0].posts * settings->price;
    spend.day_end = forecast(spend.day, day_ms, now_ms, day_ms + DAY_MS);
    spend.month_end = forecast(spend.month, month_ms, now_ms, month_end(now_ms));
    look_at(&spend, spend.day, settings->budget_day, "daily", day_ms + DAY_MS);
    look_at(&spend, spend.month, settings->budget_month, "monthly", month_end(now_ms));
    return spend;
}

/* Posts until so much is spent. */
static uint64_t left_of(double budget, double price, uint64_t posts) {
    double all = ceil(budget / price - 1e-9);
    if (budget <= 0 || price <= 0 || all > 1e15) return UINT64_MAX;
    return (uint64_t)all - MIN((uint64_t)all, posts);
}

uint64_t x_spend_left(const struct x_settings *settings, const struct x_read *read,
                      int64_t now_ms) {
    struct x_read now = *read;
    x_read_add(&now, 0, now_ms);
    uint64_t day = left_of(settings->budget_day, settings->price, now.day[0].posts);
    return MIN(day, left_of(settings->budget_month, settings->price, now.month[0].posts));
}

/* ", 0.06 of 5, 0.4 at its end" */
static int print_money(char *out, size_t size, double price, double spent, double budget,
                       double end) {
    if (price <= 0) return 0;
    if (budget <= 0) return snprintf(out, size, ", %.4g spent, %.4g at its end", spent, end);
    return snprintf(out, size, ", %.4g of %.4g spent, %.4g at its end", spent, budget, end);
}

void x_spend_print(const struct x_settings *settings, const struct x_read *read, int64_t now_ms,
                   char *out, size_t size) {
    struct x_spend spend = x_spend_of(settings, read, now_ms);
    struct x_read now = *read;
    char day[120] = "", month[120] = "";
    static const char *const done[] = { "", "", "; rules ask for a sample", "; it waits" };
    out[0] = '\0';
    x_read_add(&now, 0, now_ms);
    if (now.month[0].posts == 0 && settings->budget_day <= 0 && settings->budget_month <= 0) return;
    print_money(day, sizeof day, settings->price, spend.day, settings->budget_day, spend.day_end);
    print_money(month, sizeof month, settings->price, spend.month, settings->budget_month,
                spend.month_end);
    snprintf(out, size, "%llu posts today%s; %llu this month%s%s",
             (unsigned long long)now.day[0].posts, day, (unsigned long long)now.month[0].posts,
             month, done[spend.thrift]);
}
