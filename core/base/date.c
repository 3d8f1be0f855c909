/* base/date.h: the proleptic Gregorian calendar by day numbers (H. Hinnant, "chrono-compatible
 * low-level date algorithms"). */
#include "base/date.h"

#define DAY_MS INT64_C(86400000)
#define YEAR_0_MS INT64_C(-62167219200000)
#define YEAR_10000_MS INT64_C(253402300800000)

struct civil {
    int64_t year;
    int month, day;
};

static int64_t days_from_civil(struct civil date) {
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    struct civil date = { .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
                          .month =
                              (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9) };
    date.year = year_of_era + era * 400 + (date.month <= 2);
    return date;
}

static void write_digits(char *out, int64_t value, int digits) {
    while (digits-- > 0) {
        out[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

size_t date_write(int64_t ms, char out[DATE_BYTES]) {
    int64_t clipped = MAX(YEAR_0_MS, MIN(ms, YEAR_10000_MS - 1));
    int64_t days = (clipped - (clipped < 0 ? DAY_MS - 1 : 0)) / DAY_MS;
    int64_t of_day = clipped - days * DAY_MS;
    struct civil date = civil_from_days(days);
    memcpy(out, "0000-00-00T00:00:00.000Z", 25);
    write_digits(out, date.year, 4);
    write_digits(out + 5, date.month, 2);
    write_digits(out + 8, date.day, 2);
    write_digits(out + 11, of_day / 3600000, 2);
    write_digits(out + 14, of_day / 60000 % 60, 2);
    write_digits(out + 17, of_day / 1000 % 60, 2);
    write_digits(out + 20, of_day % 1000, 3);
    return 24;
}

/* Reads exactly `digits` digits and steps over them. */
static bool read_digits(struct slice *text, int digits, int *value) {
    if (text->length < (size_t)digits) return false;
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') return false;
        *value = *value * 10 + (text->data[i] - '0');
    }
    *text = slice_skip(*text, (size_t)digits);
    return true;
}

static bool read_byte(struct slice *text, char byte) {
    if (text->length == 0 || text->data[0] != byte) return false;
    *text = slice_skip(*text, 1);
    return true;
}

static int days_in_month(int64_t year, int month) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_date(struct civil date) {
    return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days_in_month(date.year, date.month);
}

/* "20:19:24"; a leap second is the same instant as the second after it. */
static bool read_clock(struct slice *text, int64_t *ms) {
    int hour, minute, second;
    if (!read_digits(text, 2, &hour) || !read_byte(text, ':') || !read_digits(text, 2, &minute) ||
        !read_byte(text, ':') || !read_digits(text, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    *ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000;
    return true;
}

/* ".123456": what lies past milliseconds is dropped. */
static bool read_fraction(struct slice *text, int64_t *ms) {
    if (!read_byte(text, '.') && !read_byte(text, ',')) return true;
    int unit = 100, digits = 0, digit;
    for (; read_digits(text, 1, &digit); digits++) {
        *ms += (int64_t)digit * unit;
        unit /= 10;
    }
    return digits > 0;
}

/* "Z", "+02:00", "+0200", "-05" or nothing. */
static bool read_zone(struct slice *text, int64_t *offset_ms) {
    *offset_ms = 0;
    if (text->length == 0 || read_byte(text, 'Z') || read_byte(text, 'z')) return true;
    bool west = read_byte(text, '-');
    int hours, minutes = 0;
    if (!west && !read_byte(text, '+')) return false;
    if (!read_digits(text, 2, &hours)) return false;
    bool colon = read_byte(text, ':');
    if (!read_digits(text, 2, &minutes) && colon) return false;
    if (hours > 23 || minutes > 59) return false;
    *offset_ms = ((int64_t)hours * 60 + minutes) * 60000 * (west ? -1 : 1);
    return true;
}

bool date_read_iso(struct slice text, int64_t *ms) {
    int year, month, day;
    if (!read_digits(&text, 4, &year) || !read_byte(&text, '-') || !read_digits(&text, 2, &month) ||
        !read_byte(&text, '-') || !read_digits(&text, 2, &day))
        return false;
    struct civil date = { year, month, day };
    if (!is_date(date)) return false;
    int64_t of_day = 0, zone = 0;
    if (read_byte(&text, 'T') || read_byte(&text, 't') || read_byte(&text, ' ')) {
        if (!read_clock(&text, &of_day) || !read_fraction(&text, &of_day)) return false;
        if (!read_zone(&text, &zone)) return false;
    }
    *ms = days_from_civil(date) * DAY_MS + of_day - zone;
    return text.length == 0;
}

static bool read_month_name(struct slice *text, int *month) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text->length < 3) return false;
    for (*month = 1; *month <= 12; ++*month)
        if (memcmp(text->data, names + (*month - 1) * 3, 3) == 0) {
            *text = slice_skip(*text, 3);
            return true;
        }
    return false;
}

bool date_read_x1(struct slice text, int64_t *ms) {
    int month, day, year;
    int64_t of_day, zone;
    text = slice_skip(text, 4); /* the week day says nothing new */
    if (!read_month_name(&text, &month) || !read_byte(&text, ' ') || !read_digits(&text, 2, &day) ||
        !read_byte(&text, ' ') || !read_clock(&text, &of_day) || !read_byte(&text, ' '))
        return false;
    struct slice zone_text = slice_first(text, 5);
    if (zone_text.length != 5 || !read_zone(&zone_text, &zone) || zone_text.length) return false;
    text = slice_skip(text, 5);
    if (!read_byte(&text, ' ') || !read_digits(&text, 4, &year) || text.length) return false;
    struct civil date = { year, month, day };
    if (!is_date(date)) return false;
    *ms = days_from_civil(date) * DAY_MS + of_day - zone;
    return true;
}

bool date_read_epoch_ms(struct slice text, int64_t *ms) {
    bool negative = read_byte(&text, '-');
    if (text.length == 0 || text.length > 15) return false;
    *ms = 0;
    int digit;
    while (read_digits(&text, 1, &digit))
        *ms = *ms * 10 + digit;
    if (negative) *ms = -*ms;
    return text.length == 0 && *ms >= YEAR_0_MS && *ms < YEAR_10000_MS;
}
