/* Rows of the sentiment engines' conformance data: a TSV with a line of headings, whose second
 * column is the text as a JSON string. */
#ifndef TESTS_SENTIMENT_ROWS_H
#define TESTS_SENTIMENT_ROWS_H

#include "sentiment/scorer.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ROW_COLUMNS 8

struct row {
    char *columns[ROW_COLUMNS]; /* [1] is still JSON */
    size_t column_count;
    struct slice text;
};

/* A file of the repository, or of the data beside it that a clone may lack. */
static inline FILE *rows_open(const char *folder, const char *name) {
    char path[1024];
    const char *shared = getenv("LINNET_SHARED");
    if (folder == NULL)
        snprintf(path, sizeof path, "%s/data/sentiment/%s", shared ? shared : "../shared", name);
    else
        snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "r");
}

static inline void row_cut(struct row *row, char *line) {
    row->column_count = 0;
    for (char *at = line; at && row->column_count < ROW_COLUMNS;) {
        row->columns[row->column_count++] = at;
        at = strpbrk(at, "\t\n");
        if (at) *at++ = '\0';
    }
}

/* Calls `check` for each row; the number of rows, 0 when there is no such file. */
static inline size_t rows_each(FILE *file, void (*check)(const struct row *row, void *context),
                               void *context) {
    char *line = NULL;
    size_t size = 0, count = 0;
    if (file == NULL) return 0;
    for (bool heading = true; getline(&line, &size, file) > 0; heading = false) {
        struct row row;
        row_cut(&row, line);
        if (heading || row.column_count < 5) continue;
        cJSON *text = cJSON_Parse(row.columns[1]);
        row.text = slice_of(cJSON_GetStringValue(text));
        check(&row, context);
        cJSON_Delete(text);
        count++;
    }
    free(line);
    fclose(file);
    return count;
}

/* Like rows_each over the data that not every clone has; says so when it is not there. */
static inline size_t rows_each_shared(const char *name,
                                      void (*check)(const struct row *row, void *context),
                                      void *context) {
    size_t count = rows_each(rows_open(NULL, name), check, context);
    if (count == 0) printf("only the subset ran: no %s below $LINNET_SHARED\n", name);
    return count;
}

/* Whether the pieces of evidence add up to `sum N` of the summary. */
static inline bool evidence_adds_up(const struct score *score) {
    double sum = 0, told = 0;
    char summary[512];
    for (size_t i = 0; i < score->evidence_count; i++)
        sum += score->evidence[i].value;
    snprintf(summary, sizeof summary, "%.*s", SLICE_ARGS(score->summary));
    if (sscanf(summary, "sum %lf", &told) != 1) return fabs(sum) < 1e-9;
    return fabs(sum - told) < 1e-4;
}

#endif
