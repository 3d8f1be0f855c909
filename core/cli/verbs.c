/* The table of cli/verbs.h. */
#include "cli/verbs.h"
#include "base/slice.h"

const struct flag all_flags[FLAG_COUNT] = {
    [FLAG_CONFIG] = { 'c', "config", "FILE",
                      "the configuration (else ./config/linnet.lua and on)" },
    [FLAG_SOURCE] = { 'i', "input", "SOURCE",
                      "read from here instead: -, PATH, s3://BUCKET/PREFIX, NAME:ARG; may repeat" },
    [FLAG_SINK] = { 'o', "output", "SINK",
                    "write here instead: stdout, ndjson:PATH, sqlite:PATH, archive:DIR, "
                    "archive:s3://BUCKET, opensearch:URL/INDEX, firehose:STREAM, discard; may "
                    "repeat" },
    [FLAG_QUERY] = { 'e', "query", "QUERY", "keep what matches this instead; may repeat" },
    [FLAG_SET] = { 0, "set", "KEY=VALUE",
                   "change one setting: workers=2, sinks.out.path=x; may repeat" },
    [FLAG_SCORER] = { 0, "scorer", "NAME", "use this scorer, whatever the language" },
    [FLAG_EXPLAIN] = { 0, "explain", NULL, "show each word's part, and the sum" },
    [FLAG_JSON] = { 0, "json", NULL, "one JSON object a line" },
    [FLAG_PRINT_MAPPING] = { 0, "print-mapping", NULL, "the index mapping of the schema, as JSON" },
    [FLAG_ONLINE] = { 0, "online", NULL, "ask the servers it names whether they can be used" },
    [FLAG_SECONDS] = { 0, "seconds", "N", "end after so many seconds" },
    [FLAG_STATE] = { 0, "state", "DIR", "the state folder, whatever the configuration says" },
    [FLAG_STORE] = { 0, "store", "FILE", "the database, whatever the configuration says" },
    [FLAG_FORMAT] = { 0, "format", "FORMAT", "ndjson (one document a line) or csv" },
    [FLAG_AFTER] = { 0, "after", "POSITION", "goes on behind what an export before ended with" },
    [FLAG_SAMPLE] = { 0, "sample", "N", "so many posts, chosen at random" },
    [FLAG_IDS] = { 0, "ids", NULL, "only the posts' ids" },
    [FLAG_SAFE] = { 0, "safe", NULL, "csv: no text that a spreadsheet takes for a formula" },
    [FLAG_MAN] = { 0, "man", "PAGE", "a manual page as mdoc: linnet, linnet-config, linnet-query" },
    [FLAG_COVERAGE] = { 0, "coverage", NULL, "when each source was heard, and its gaps" },
    [FLAG_SINCE] = { 0, "since", "TIME",
                     "created at or after: 15m, 24h, 7d ago, or a date such as 2026-11-26T18:00" },
    [FLAG_UNTIL] = { 0, "until", "TIME", "created before" },
    [FLAG_LIMIT] = { 0, "limit", "N", "so many at most; 0: all of them" },
    [FLAG_BY] = { 0, "by", "WHAT",
                  "query, label, hashtag, mention, domain, author, lang, network, minute, hour, "
                  "day" },
    [FLAG_ASKED] = { 0, "query", "QUERY", "only posts of this query: its name, or a query" },
    [FLAG_INDEX] = { 0, "index", "PATTERN", "the indices, where no sink says it: posts-*" },
    [FLAG_OVERWRITE] = { 0, "overwrite", NULL, "push: replace what is there already" },
    [FLAG_LOGIN] = { 0, "login", "WHERE",
                     "push: where NAME:PASSWORD is: file:PATH, env:NAME or cmd:COMMAND" },
    [FLAG_API_KEY] = { 0, "api-key", "WHERE", "push: where the API key is, likewise" },
    [FLAG_TENANT] = { 0, "tenant", "NAME",
                      "push: the tenant in OpenSearch Dashboards, such as global" },
    [FLAG_CA] = { 0, "ca", "FILE", "push: who signed the certificate, as PEM" },
    [FLAG_VERBOSE] = { 'v', "verbose", NULL, "log more" },
    [FLAG_COLOR] = { 0, "color", "WHEN", "auto, always or never" },
    [FLAG_HELP] = { 'h', "help", NULL, "this help" },
};

#define EVERYWHERE (FLAG(CONFIG) | FLAG(VERBOSE) | FLAG(COLOR) | FLAG(HELP))
#define PIPELINE (EVERYWHERE | FLAG(SINK) | FLAG(QUERY) | FLAG(SET))

const struct verb all_verbs[] = {
    { "run", NULL, "read, match, score and deliver until told to stop",
      "Ends by itself when all sources are finite and everything is delivered. A configuration's\n"
      "posts are kept on disk until every sink has them; with -i or -o nothing is kept.\n"
      "  linnet run -c config/linnet.lua\n"
      "  linnet run -i posts.ndjson -e 'coffee lang:en' -o stdout\n",
      PIPELINE | FLAG(SOURCE), verb_run },
    { "replay", "FILE... | s3://BUCKET/PREFIX...",
      "the same over recorded posts, with a progress bar and a summary",
      "Files may be plain, .gz or .zst; one object a line, or objects separated by \",\\n\". Of a\n"
      "bucket all objects are read whose keys begin with PREFIX, in the order of these; keys and\n"
      "region come from where AWS's own tools look for them, and AWS_ENDPOINT_URL_S3 names a "
      "server\n"
      "that speaks like S3. An object that cannot be read to its end costs nothing but itself; "
      "then\n"
      "the exit code is 1.\n"
      "  linnet replay posts.ndjson.gz -c config/prototype.lua -o ndjson:documents.ndjson\n"
      "  linnet replay s3://my-posts/2026/11/ -e coffee\n",
      PIPELINE, verb_replay },
    { "process", "s3://BUCKET/KEY...", "the same over single objects of a bucket on S3",
      "As replay, but KEY is the whole key of one object.\n"
      "  linnet process s3://my-posts/2026/11/27/posts-1.gz -o ndjson:documents.ndjson\n",
      PIPELINE, verb_process },
    { "check", NULL, "read and prove the configuration",
      "Exit code 0, or 78 with file:line:column, the line, a caret and a suggestion. --online "
      "also\n"
      "tries what each source and sink needs of its server, and prints a line for each thing "
      "tried:\n"
      "of a bucket whether it can list, put and abort, without making an object. Exit code 1 when\n"
      "any of it fails.\n",
      EVERYWHERE | FLAG(SET) | FLAG(PRINT_MAPPING) | FLAG(ONLINE), verb_check },
    { "score", "[TEXT...]", "label and value of texts, or of the lines of standard input",
      "Prints label<TAB>value<TAB>text; without an opinion unknown<TAB><TAB>text.\n"
      "  linnet score --explain 'not bad at all!'\n",
      EVERYWHERE | FLAG(SET) | FLAG(SCORER) | FLAG(EXPLAIN) | FLAG(JSON), verb_score },
    { "match", "[TEXT...]", "which queries match texts or lines, and which term made them",
      "Lines may be posts in any form that linnet reads, or bare text.\n"
      "  linnet match -e '(#python OR \"python 3\") -is:retweet' 'python 3 is out'\n",
      EVERYWHERE | FLAG(SET) | FLAG(QUERY) | FLAG(JSON), verb_match },
    { "test", "[PATH...]", "run the *_test.lua files below PATHs",
      "Without a PATH: those beside the configuration, and those of the plugins that linnet\n"
      "brings. Prints a line a file, failures with their places, and ends with the sum.\n"
      "  linnet test config/scorers\n",
      EVERYWHERE, verb_test },
    { "init", "[DIR] | plugin KIND NAME [DIR]", "start a configuration or a plugin of your own",
      "Writes DIR/config/linnet.lua and track.lua; or, of KIND scorer, filter, schema, lexicon or\n"
      "dialect, KIND's folder/NAME.lua and its test in DIR, else beside the configuration.\n"
      "Never over files that are there.\n"
      "  linnet init plugin scorer slang\n",
      EVERYWHERE, verb_init },
    { "demo", NULL, "bundled real posts at a live rate: no network, no keys",
      "Prints matched posts and a running table of the queries of your configuration. On a\n"
      "terminal it goes on until ^C, elsewhere it ends after 60 seconds. What matched is kept for "
      "a\n"
      "day in STATE/demo.db, for `linnet search` and `linnet stats` where there is no linnet.db.\n",
      EVERYWHERE | FLAG(QUERY) | FLAG(SET) | FLAG(SECONDS), verb_demo },
    { "status", NULL, "a linnet, running or stopped: generation, sums, the last error",
      "Asks through STATE/control.sock; finds STATE as `run` does, by the configuration.\n"
      "When none is running, the sums are those that the last one left. Exit code 0, too.\n",
      EVERYWHERE | FLAG(JSON) | FLAG(STATE), verb_status },
    { "top", NULL, "a running linnet on a screen that is drawn every second",
      "Sources, sinks and queries with their rates; ? tells the keys. Waits when no linnet runs.\n"
      "Without a terminal it prints what `status` does.\n",
      EVERYWHERE | FLAG(STATE), verb_top },
    { "reload", NULL, "make a running linnet read its configuration again",
      "Saving a file that the configuration reads does the same. Waits for the outcome and says\n"
      "what changed; a wrong configuration changes nothing and gives exit code 78.\n",
      EVERYWHERE | FLAG(STATE), verb_reload },
    { "tap", "[QUERY...]", "what a running linnet keeps, as it is kept",
      "A readable line a post on a terminal, its document in a pipe or with --json. QUERY narrows "
      "it.\n"
      "linnet never waits for it: what is not shown because it came too fast is counted and said.\n"
      "  linnet tap 'coffee lang:en' --limit 10\n",
      EVERYWHERE | FLAG(STATE) | FLAG(JSON) | FLAG(LIMIT), verb_tap },
    { "export", NULL, "the embedded store's posts, as documents or as a table",
      "In the order of arrival, beside a running linnet too. The columns of csv are those of the\n"
      "store's view `posts`; what a spreadsheet would run gets a ' in front with --safe.\n"
      "It ends with a position, which --after takes to give what came since; then without csv's\n"
      "header. Posts that were edited meanwhile are not given again.\n"
      "  linnet export --format csv --safe >posts.csv\n",
      EVERYWHERE | FLAG(STATE) | FLAG(STORE) | FLAG(FORMAT) | FLAG(AFTER) | FLAG(SAMPLE) |
          FLAG(IDS) | FLAG(SAFE),
      verb_export },
    { "search", "[QUERY...]", "the embedded store's posts that match a query, newest first",
      "In the language of track.lua, and sentiment:negative, score:<-0.5, query:NAME beside it. "
      "Lines\n"
      "on a terminal, documents in a pipe or with --json. The newest 50, unless --limit says "
      "otherwise;\n"
      "what takes longer than 0.2 s is given up and said so, unless --seconds says otherwise; "
      "with\n"
      "--limit 0 it takes as long as it takes.\n"
      "  linnet search 'coffee sentiment:negative' --since 24h\n"
      "  linnet search --limit 5 -- '-is:retweet #coffee'\n",
      EVERYWHERE | FLAG(STATE) | FLAG(STORE) | FLAG(SINCE) | FLAG(UNTIL) | FLAG(LIMIT) |
          FLAG(SECONDS) | FLAG(JSON),
      verb_search },
    { "stats", NULL, "how many posts the embedded store has, of what mood, about what",
      "Without --by: an overview. Net sentiment is positive minus negative, of those that are "
      "either\n"
      "or neutral, from -100 to +100; unknown is never one of them. Times are whole minutes, UTC.\n"
      "--query takes the name of a query that posts were kept for, or else any query: these are\n"
      "counted one by one, for 2 s at most, and what is cut is marked >=.\n"
      "--coverage tells something else: of each source how much of the time it was heard, its "
      "gaps\n"
      "and pauses with their reasons, and what sinks lost; of the last 24 hours, unless --since\n"
      "says otherwise. A live source has a gap whenever it is not heard, also while no linnet "
      "runs;\n"
      "a recorded file waits, and has none. In the bar a full block is covered, a light one a "
      "gap,\n"
      "a middle one a pause.\n"
      "  linnet stats --by hashtag --since 24h --query coffee\n"
      "  linnet stats --coverage --since 7d\n",
      EVERYWHERE | FLAG(STATE) | FLAG(STORE) | FLAG(BY) | FLAG(COVERAGE) | FLAG(SINCE) |
          FLAG(UNTIL) | FLAG(LIMIT) | FLAG(ASKED) | FLAG(JSON),
      verb_stats },
    { "forget", "author:ID | post:ID", "delete posts from the store and from every sink",
      "Each post's delete goes through the log to every sink, of a running linnet or of the next "
      "run;\n"
      "the store and the dead letters forget it at once, and a late repeat of it stays away. Posts "
      "of\n"
      "an author are those that the store and the dead letters have. ID of a post is the "
      "document's\n"
      "_id, as `linnet export --ids` prints it.\n"
      "  linnet forget author:6253282001\n"
      "  linnet forget post:x:1050118621198921728\n",
      EVERYWHERE | FLAG(STATE) | FLAG(STORE), verb_forget },
    { "dlq", "ls | show N | replay N...|all | drop N...|all",
      "dead letters: what a sink refused for good, and why",
      "A record's sums count it as dead when it is here. show gives it whole, raw bytes last;\n"
      "replay sends the raw posts through the configuration as it is now, to the sink that "
      "refused\n"
      "them, and removes them when it has taken them all; drop removes. At most 1 GiB: then the\n"
      "sink waits.\n",
      EVERYWHERE | FLAG(SET) | FLAG(STATE) | FLAG(JSON), verb_dlq },
    { "spool", "check | repair | forget NAME", "what a run keeps on disk: look it over, mend it",
      "check reads everything, beside a running linnet too: 0, or 1 when something is damaged.\n"
      "repair cuts the damage out, into STATE/quarantine; no linnet may run meanwhile.\n"
      "forget NAME gives up what still waits for a sink that is not configured any more.\n",
      EVERYWHERE | FLAG(STATE), verb_spool },
    { "rules", "diff | apply", "the configuration's queries against the rules on X",
      "X's filtered stream gives what its rules ask for. Each query has its own, tagged\n"
      "linnet:NAME; rules of others are not touched. A rule is never narrower than its query: what "
      "X\n"
      "does not evaluate is left to linnet. diff shows what apply would do; `run` does the same at "
      "its\n"
      "start and at each reload. Exit code 1 when X refuses one, or takes no more.\n"
      "  linnet rules diff -c config/linnet.lua\n",
      EVERYWHERE | FLAG(SET), verb_rules },
    { "dashboards", "export | push URL",
      "a dashboard over the index, for Kibana and OpenSearch Dashboards",
      "A data view, searches, charts and one dashboard, made from the schema of each sink that "
      "fills\nan index: volume and sentiment over time, labels, hashtags, mentions, languages, "
      "queries, a map,\nthe latest posts. What the schema lacks is left out, and said. Importable "
      "in Kibana from 7.4 on and\nOpenSearch Dashboards from 1.0 on. Ids stay the same: a second "
      "import with --overwrite replaces\nthe first one. URL is where it is opened in a browser, "
      "with its path or space, if it has one.\n"
      "  linnet dashboards export >linnet.ndjson\n"
      "  linnet dashboards push https://search.example.com/_dashboards --login "
      "file:dashboards.login\n",
      EVERYWHERE | FLAG(SET) | FLAG(INDEX) | FLAG(OVERWRITE) | FLAG(LOGIN) | FLAG(API_KEY) |
          FLAG(TENANT) | FLAG(CA),
      verb_dashboards },
    { "types", NULL, "the Lua API as types for editors (lua-language-server)",
      "  linnet types >lua/types/linnet.lua\n", EVERYWHERE, verb_types },
    { "completion", "SHELL", "a completion script for bash, zsh or fish",
      "  linnet completion bash >/etc/bash_completion.d/linnet\n", EVERYWHERE, verb_completion },
    { "version", NULL, "the version, and what it was built with", NULL, EVERYWHERE, verb_version },
    { "help", "[VERB]", "this list, or all about one verb", NULL, EVERYWHERE | FLAG(MAN),
      verb_help },
    { 0 },
};

const char usage_examples[] =
    "  linnet demo\n"
    "  linnet run -i posts.ndjson.gz -e 'coffee lang:en -is:retweet' -o stdout\n"
    "  linnet score --explain \"I love this, but it's not cheap!\"\n";

const struct verb *verb_find(const char *name) {
    for (const struct verb *verb = all_verbs; verb->name; verb++)
        if (slice_is(slice_of(name), verb->name)) return verb;
    return NULL;
}

struct slice verb_word(const struct verb *verb, size_t i) {
    for (const char *at = verb->words ? verb->words : ""; *at;) {
        size_t length = strcspn(at, " ");
        bool small = *at >= 'a' && *at <= 'z' && memchr(at, '|', length) == NULL;
        if (small && i-- == 0) return slice_from(at, length);
        const char *bar = strstr(at, " | ");
        at = bar ? bar + 3 : "";
    }
    return SLICE("");
}

const char *argument_value(const struct arguments *arguments, enum flag_id flag) {
    const char **values = arguments->values[flag];
    if (values == NULL) return NULL;
    while (values[1])
        values++;
    return values[0];
}
