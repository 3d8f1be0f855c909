/* Verb "score": label and value of texts. */
#include "cli/lines.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "flow/process.h"
#include "text/lang.h"
#include "json/writer.h"

struct scoring {
    const struct snapshot *snapshot;
    const struct scorer *scorer; /* NULL: none; of this text, if by_language */
    struct slice lang;           /* of this text, if by_language */
    struct processor *processor;
    bool by_language, explain, json;
    struct arena arena;
};

static void write_evidence(struct writer *writer, const struct score *score) {
    write_name(writer, SLICE("evidence"));
    write_array(writer);
    for (size_t i = 0; i < score->evidence_count; i++) {
        const struct evidence *one = &score->evidence[i];
        write_object(writer);
        write_name(writer, SLICE("word"));
        write_text(writer, one->word);
        write_name(writer, SLICE("value"));
        write_double(writer, one->value);
        write_name(writer, SLICE("note"));
        write_text(writer, one->note);
        write_object_end(writer);
    }
    write_array_end(writer);
    write_name(writer, SLICE("summary"));
    write_text(writer, score->summary);
}

static void print_json(struct scoring *scoring, struct slice text, struct slice label,
                       const struct score *score) {
    struct writer writer;
    writer_init(&writer, &scoring->arena, text.length * 2 + 256);
    write_object(&writer);
    write_name(&writer, SLICE("text"));
    write_text(&writer, text);
    if (scoring->by_language) {
        write_name(&writer, SLICE("lang"));
        write_text(&writer, scoring->lang);
    }
    write_name(&writer, SLICE("label"));
    write_text(&writer, label);
    if (score->known) {
        write_name(&writer, SLICE("score"));
        write_double(&writer, score->value);
        write_name(&writer, SLICE("scorer"));
        write_text(&writer, slice_of(scoring->scorer->name));
    }
    for (size_t i = 0; i < score->part_count; i++) {
        write_name(&writer, slice_of(score->parts[i].name));
        write_double(&writer, score->parts[i].value);
    }
    if (scoring->explain) write_evidence(&writer, score);
    write_object_end(&writer);
    print_text(writer_finish(&writer));
    print("\n");
}

static void print_explanation(const struct score *score) {
    for (size_t i = 0; i < score->evidence_count; i++) {
        const struct evidence *one = &score->evidence[i];
        print("    %+9.4f  ", one->value);
        print_text(one->word);
        if (one->note.length) {
            print("   (");
            print_text(one->note);
            print(")");
        }
        print("\n");
    }
    if (score->evidence_count == 0) print("    no word of the lexicon\n");
    print("    ");
    print_text(score->summary);
    print("\n");
}

static void choose_scorer(struct scoring *scoring, struct slice text) {
    if (!scoring->by_language) return;
    scoring->lang = language_detect(text);
    if (scoring->lang.length == 0) scoring->lang = SLICE("und");
    scoring->scorer = snapshot_scorer(scoring->snapshot, scoring->lang);
}

static int score_text(void *context, struct slice text) {
    struct scoring *scoring = context;
    choose_scorer(scoring, text);
    struct score score = { 0 };
    const struct scorer *scorer = scoring->scorer;
    if (scorer)
        score = text_score(scoring->processor, scoring->snapshot, scorer, text, scoring->explain,
                           &scoring->arena);
    struct slice label = snapshot_label(scoring->snapshot, scorer, &score);
    if (scoring->json)
        print_json(scoring, text, label, &score);
    else {
        print("%.*s\t", SLICE_ARGS(label));
        if (score.known) print("%.6f", score.value);
        print("\t");
        print_text(text);
        print("\n");
        if (scoring->explain && score.known) print_explanation(&score);
        if (scoring->explain && scorer == NULL && scoring->by_language)
            print("    no scorer for the language %.*s\n", SLICE_ARGS(scoring->lang));
    }
    arena_reset(&scoring->arena, ARENA_BLOCK_BYTES);
    return 0;
}

int verb_score(const struct arguments *arguments) {
    int code;
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_OPTIONAL, NULL, &code);
    if (snapshot == NULL) return code;
    bool named = arguments->values[FLAG_SCORER] != NULL; /* also "none" */
    struct scoring scoring = {
        .snapshot = snapshot,
        .scorer = named ? snapshot->named_scorer : snapshot->default_scorer,
        .by_language = !named && snapshot->scorer_count > 0,
        .processor = processor_create(),
        .explain = arguments->given[FLAG_EXPLAIN],
        .json = arguments->given[FLAG_JSON],
    };
    arena_init(&scoring.arena);
    code = each_text(arguments, score_text, &scoring);
    arena_free(&scoring.arena);
    processor_destroy(scoring.processor);
    snapshot_release(snapshot);
    return code;
}
