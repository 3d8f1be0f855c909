---@meta
-- What linnet gives to scripts. Written by `linnet types`: not to be edited.

linnet = {}

---A post. Valid until the function that got it returns.
---@class linnet.message
---@field text string the full text
---@field id string? as the network writes it
---@field lang string as the network says, else as the text shows; else und
---@field network string x, plain, ...
---@field created integer? milliseconds since 1970
---@field received integer? milliseconds since 1970
---@field author linnet.author id, handle, name, followers; nil where not said
---@field hashtags string[] without #
---@field mentions string[] handles without @
---@field urls string[] expanded links
---@field queries string[] names of the queries that matched
---@field label string? once scored
---@field raw table? the whole record, parsed when asked
---@field score number|fun(self: linnet.message, scorer: string, text?: string): number? once scored; as a method another scorer's value
---@field is fun(self: linnet.message, trait: "retweet"|"reply"|"quote"|"verified"|"bot"|"sensitive"): boolean what kind of post it is
---@field has fun(self: linnet.message, part: "links"|"hashtags"|"mentions"|"cashtags"|"media"|"images"|"video_link"|"geo"): boolean what is in it
---@field tokens fun(self: linnet.message): fun(): string?, string?, integer?, integer? its tokens in order, as queries see them: text, kind, first and last byte in message.text
---@field matches fun(self: linnet.message): fun(): integer?, integer? first and last byte of every place in message.text that made a query match

---@class linnet.author
---@field id string?
---@field handle string?
---@field name string?
---@field followers integer?

---A lexicon as a scorer's function sees it.
---@alias linnet.words table<string, number>

---{ word, value, note }
---@alias linnet.evidence table

---{ polarity, subjectivity, intensity }, textblob's
---@alias linnet.word table

---{ ":)", polarity }
---@alias linnet.emoticon table

---@class linnet.regex
---@field match fun(self: linnet.regex, text: string): string?, ... captures
---@field test fun(self: linnet.regex, text: string): boolean
---@field replace fun(self: linnet.regex, text: string, by: string): string

---@class linnet.source
---@class linnet.sink
---@class linnet.track
---@class linnet.secret

---@class linnet.label
---@field upto number? the highest value that has this label
---@field below number? the label's values lie below

---@class linnet.field
---@field from string|fun(message: linnet.message): any another name of the message, "raw.PATH" of the record, or a function
---@field format string? the date format of the index: "epoch_millis"
---@field all string? a PCRE2 pattern: every match in the text that `from` names

---@class linnet.created
---@field format "iso8601"|"epoch_millis"|"epoch_seconds"|nil how the time is written: iso8601

---@class linnet.author_paths
---@field id string? path of the author's id
---@field handle string? path of the author's handle
---@field name string? path of the author's name

---@class linnet.spool
---@field max string|number|nil how long it may become before sources wait: "10GiB"

---@class linnet.http
---@field listen string|false|nil address:port, "127.0.0.1:7711"; false: nowhere
---@field token linnet.secret? what clients must send; other addresses than 127.0.0.1 need it

---@class linnet.configuration
---@field sources table<string, linnet.source>? where posts come from: name = linnet.file {}
---@field track table<string, string|linnet.track>? what is kept: name = query; none keeps all
---@field filters (string|linnet.filter)[]? what a kept post must pass, in order
---@field dialects (string|linnet.dialect)[]? networks of your own; the last one that fits
---@field schema string|linnet.schema|nil what sinks get: "post"
---@field scorers table<string, string|linnet.scorer>? language = scorer; und, default
---@field labels linnet.label[]? what a score is called, instead of the scorers' own
---@field sinks table<string, linnet.sink>? where documents go: name = linnet.ndjson {}
---@field workers integer? threads that process posts
---@field state string? the folder for what linnet remembers, and its control socket
---@field grace string|number|nil how long sinks may take to answer at a stop: "10s"
---@field spool linnet.spool? where posts wait for sinks: { max = "10GiB" }
---@field http linnet.http|false|nil metrics and reload: { listen = "127.0.0.1:7711" }

---@class linnet.test_message
---@field text string? the full text
---@field id string? else one is made
---@field lang string? "en"
---@field network string? else plain
---@field created string|integer|nil ISO 8601, or milliseconds since 1970
---@field author linnet.author? id, handle, name
---@field hashtags string[]? without #
---@field mentions string[]? without @
---@field urls string[]? links
---@field coordinates number[]? { lon, lat }
---@field raw table? a whole record instead of the names above, as a network writes it
---@field received integer? milliseconds since 1970
---@field is string[]? { "retweet" }: what message:is answers yes to
---@field has string[]? { "media" }: what message:has answers yes to
---@field queries table<string, string>? name = query: those that match are its queries
---@field label string? as if it were scored
---@field score number? as if it were scored

---@class linnet.filter_table
---@field keep string|fun(message: linnet.message): boolean a query, or a function: true keeps
---@field on_error "keep"|"drop"|nil what becomes of a post when the function fails: keep

---@class linnet.filter
---@field keep fun(self: linnet.filter, message: linnet.message): boolean in tests: whether it keeps the message

---what a post must pass to be kept
---@param declared linnet.filter_table
---@return linnet.filter
function linnet.filter(declared) end

---@class linnet.schema_table
---@field [integer] linnet.field
---@field extends string|linnet.schema|nil a schema whose fields come first; one of the same name is replaced where it stands
---@field key string? what becomes _id: "raw.PATH"; else the message's own key
---@field text string? what scorers read: "raw.PATH" or "text"

---@class linnet.schema
---@field document fun(self: linnet.schema, message: linnet.message): table in tests: the document it makes of the message

---what a post's document looks like, and how an index maps it
---@param declared linnet.schema_table
---@return linnet.schema
function linnet.schema(declared) end

---@class linnet.scorer_table
---@field engine "vader"|"textblob"|nil a scorer in C; or give `score`
---@field lexicon string|linnet.lexicon|nil its words; else those named as the engine
---@field labels linnet.label[]? tried in order; else those of the engine
---@field score nil|fun(message: linnet.message, lexicon: linnet.words?): number?, linnet.evidence[]? a value from -1 to 1, or nil for no opinion; and why

---@class linnet.scorer
---@field score fun(self: linnet.scorer, message: linnet.message): number?, table[]? in tests: the value and its evidence, or nil for no opinion

---how a post is scored
---@param declared linnet.scorer_table
---@return linnet.scorer
function linnet.scorer(declared) end

---@class linnet.lexicon_table
---@field extends string|linnet.lexicon|nil a lexicon to start from
---@field words table<string, number|linnet.word>? word = valence (vader), or linnet.word
---@field remove string[]? keys of `extends` to leave out, from all sections
---@field boosters table<string, number>? vader: word = what it adds to the next word
---@field negators string[]? words that turn the next ones round
---@field idioms table<string, number>? vader: two or three words = valence of the whole
---@field emoji table<string, string>? vader: an emoji = the words it is read as
---@field emoticons linnet.emoticon[]? textblob: { ":)", polarity }
---@field abbreviations string[]? textblob: what does not end a sentence

---@class linnet.lexicon

---words and what they are worth
---@param declared linnet.lexicon_table
---@return linnet.lexicon
function linnet.lexicon(declared) end

---@class linnet.dialect_table
---@field network string what message.network is
---@field has string[] paths: a record with all of them is of this dialect
---@field id string? path of the post's id; else one is made
---@field text string path of the text
---@field lang string? path of the language
---@field created string|linnet.created|nil path of the time, or { PATH, format = ... }
---@field author linnet.author_paths? paths of id, handle, name
---@field hashtags string? path of tags without #; through an array it collects
---@field mentions string? path of handles without @
---@field urls string? path of links

---@class linnet.dialect
---@field message fun(self: linnet.dialect, record: table): linnet.message in tests: the message it reads from a record

---how a network writes its posts
---@param declared linnet.dialect_table
---@return linnet.dialect
function linnet.dialect(declared) end

---@class linnet.file_options
---@field path string? the file: plain, .gz or .zst; lines, or objects separated by ,\n
---@field rate number? posts a second, 0: as fast as they are taken
---@field repeat boolean? start again at the end; posts get new ids
---@field restamp boolean? take posts as created now

---recorded posts from a file
---@param options linnet.file_options
---@return linnet.source
function linnet.file(options) end

---@class linnet.stdin_options

---recorded posts from standard input
---@param options linnet.stdin_options
---@return linnet.source
function linnet.stdin(options) end

---@class linnet.s3_options
---@field from string? s3://bucket/prefix: plain, .gz or .zst; lines, or objects separated by ,\n
---@field exact boolean? from names one object by its whole key
---@field region string? AWS region; else AWS_REGION's, the profile's, the machine's own
---@field profile string? AWS profile whose keys are taken; else AWS_PROFILE's
---@field endpoint string? https://host[:port] of a service that speaks like AWS
---@field ca_file string? certificates (PEM) to trust instead of the system's
---@field anonymous boolean? nothing is signed: for what is open to all
---@field addressing string? where the bucket's name stands in URLs; auto: in the path with an endpoint

---recorded posts from the objects of a bucket on S3
---@param options linnet.s3_options
---@return linnet.source
function linnet.s3(options) end

---@class linnet.x_options
---@field api string? 2: the filtered stream; 1.1: statuses/filter, of servers that still speak it
---@field host string? where it is asked, https://api.x.com (1.1: https://stream.twitter.com)
---@field bearer linnet.secret? api 2: the app's bearer token, as X shows it
---@field key linnet.secret? the app's key; with secret, api 2 fetches a bearer token itself
---@field secret linnet.secret? the app's secret
---@field token linnet.secret? api 1.1: the user's access token
---@field token_secret linnet.secret? api 1.1: the secret of that token
---@field stream string? api 2: posts that rules find; one of a hundred; or (where the account has it) which posts were deleted, which users are gone or want their places forgotten
---@field partition number? of the streams of compliance: which of their four parts
---@field rules string? api 2: keep X's rules as the configuration's queries want them, or leave them
---@field backfill string? api 2: how a gap is closed: by recent search; where the account has it, up to 5 minutes by the stream itself, with recovery up to 24 hours, too; or it stays
---@field backfill_after string|number|nil search so long after the stream is back: before, X may not find its posts
---@field price number? api 2: what one post costs, in the budgets' currency
---@field budget_day number? api 2: to be spent on a day (UTC): warns at 80%, reads a sample from 90%, then waits; what came with its last post, and the ten that a search takes at least, may pass it; 0: no limit
---@field budget_month number? api 2: the same for a month
---@field track string|string[]|nil api 1.1: any of these, each of words that must all be there; at most 400
---@field follow string|string[]|nil api 1.1: posts of these users, by their numbers; at most 5,000
---@field locations string|string[]|nil api 1.1: boxes: west, south, east, north of each; at most 25
---@field lang string|string[]|nil api 1.1: of all this, posts in these languages only
---@field delimited string? api 1.1: how posts are told apart on the wire
---@field ca_file string? certificates (PEM) to believe instead of the system's
---@field insecure boolean? allow http:// to other machines, where everybody on the way reads the keys
---@field stall string|number|nil connect again after so long a silence; 0: 21s, for api 1.1 90s

---posts of X as they are written
---@param options linnet.x_options
---@return linnet.source
function linnet.x(options) end

---@class linnet.stdout_options
---@field format string? auto: lines on a terminal, ndjson in a pipe
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---lines on a terminal, documents in a pipe
---@param options linnet.stdout_options
---@return linnet.sink
function linnet.stdout(options) end

---@class linnet.ndjson_options
---@field path string? the file; lines are added to its end
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---documents to a file, one a line
---@param options linnet.ndjson_options
---@return linnet.sink
function linnet.ndjson(options) end

---@class linnet.discard_options
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---nowhere: for measuring
---@param options linnet.discard_options
---@return linnet.sink
function linnet.discard(options) end

---@class linnet.sqlite_options
---@field path string? the database file; by default STATE/linnet.db
---@field keep string|number|nil how long after a post was received it stays, such as 30d; 0: for ever
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---the embedded store, which `linnet export` reads
---@param options linnet.sqlite_options
---@return linnet.sink
function linnet.sqlite(options) end

---@class linnet.archive_options
---@field to string? the folder, which is made when missing, or s3://bucket/...
---@field prefix string? in front of objects' names, with !{timestamp:yyyy/MM/dd}, !{query}, !{lang}, !{network} and !{firehose:random-string}; without a date, yyyy/MM/dd/HH/ follows
---@field error_prefix string? the same for records that cannot be kept as they should, with !{firehose:error-output-type}; without it these are dead letters
---@field size string|number|nil an object of so many bytes, before they are compressed, is sealed
---@field interval string|number|nil an object that is so old is sealed
---@field hourly boolean? whether an object is sealed when the hour is over (UTC)
---@field delimiter string? what follows each record
---@field codec string? how objects are compressed
---@field level number? how hard: up to 3 for gzip, 9 for zstd
---@field records string? posts as they came, or the schema's documents
---@field stream string? what objects' names begin with; by default the sink's name
---@field region string? AWS region; else AWS_REGION's, the profile's, the machine's own
---@field profile string? AWS profile whose keys are taken; else AWS_PROFILE's
---@field endpoint string? https://host[:port] of a service that speaks like AWS
---@field ca_file string? certificates (PEM) to trust instead of the system's
---@field anonymous boolean? nothing is signed: for what is open to all
---@field addressing string? where the bucket's name stands in URLs; auto: in the path with an endpoint
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---records in objects as Amazon Data Firehose makes them, in a folder or on S3
---@param options linnet.archive_options
---@return linnet.sink
function linnet.archive(options) end

---@class linnet.opensearch_options
---@field url string? the server, https://HOST[:PORT][/PATH]; its last part is the index, unless index says it
---@field index string? the index; it may hold the date of a post: posts-!{timestamp:yyyy.MM.dd}
---@field auth string? who asks: nobody, a user, a key, or keys of AWS, by a signature
---@field user string? of auth basic
---@field password linnet.secret? of auth basic
---@field key linnet.secret? of auth api_key: as the server gave it, ID:KEY or that encoded
---@field region string? AWS region; else AWS_REGION's, the profile's, the machine's own
---@field profile string? AWS profile whose keys are taken; else AWS_PROFILE's
---@field service string? of auth aws: a domain (es) or a serverless collection (aoss); the address tells
---@field ca_file string? certificates (PEM) to trust instead of the system's
---@field gzip boolean? requests are compressed
---@field manage boolean? linnet makes the index and its template and sets the schema's mapping
---@field time string? the member whose date the index's name takes; else created, or timestamp
---@field requests number? how many may be under way, at most; a slow or busy server gets fewer
---@field timeout string|number|nil how long a request may be without an answer
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---an index of OpenSearch or Elasticsearch
---@param options linnet.opensearch_options
---@return linnet.sink
function linnet.opensearch(options) end

---@class linnet.firehose_options
---@field stream string? the name of the delivery stream
---@field region string? AWS region; else AWS_REGION's, the profile's, the machine's own
---@field profile string? AWS profile whose keys are taken; else AWS_PROFILE's
---@field endpoint string? https://host[:port] of a service that speaks like AWS
---@field ca_file string? certificates (PEM) to trust instead of the system's
---@field anonymous boolean? nothing is signed: for what is open to all
---@field records string? posts as they came, or the schema's documents
---@field delimiter string? what follows each post
---@field pack string|number|nil posts are put together in records up to this size; 0: each is a record
---@field requests number? how many may be under way, at most; a busy stream gets fewer
---@field schema string|linnet.schema|nil its documents, else the configuration's
---@field when_full string? when the spool is full and this sink is behind: sources wait, or it loses the oldest
---@field start string? what a new sink gets: posts from now on, or all that the spool still has

---a delivery stream of Amazon Data Firehose
---@param options linnet.firehose_options
---@return linnet.sink
function linnet.firehose(options) end

---value, kept within its bounds
---@type fun(value: number, low: number, high: number): number
linnet.clamp = nil

---milliseconds since 1970
---@type fun(): integer
linnet.now = nil

---a pseudonym: 32 hex digits, the same for the same text and salt
---@type fun(text: string, salt: string): string
linnet.hash = nil

---a line in the log, at most one a second
---@type fun(text: string)
linnet.log = nil

---adds 1, or the amount, to a counter that the closing sums show
---@type fun(name: string, amount?: integer)
linnet.count = nil

---PCRE2, Unicode; has :match, :test and :replace
---@type fun(pattern: string): linnet.regex
linnet.regex = nil

---JSON null.
linnet.null = nil ---@type lightuserdata

---A v1.1 track list: "a b,c" is (a AND b) OR c.
---@param list string
---@return linnet.track
function linnet.track(list) end

---The value of an environment variable.
---@param name string
---@return string?
function env(name) end

---In a configuration: "file:PATH", "env:NAME" or "cmd:COMMAND", which is never shown.
---@param place string
---@return linnet.secret
function secret(place) end

---In tests: a post made by hand.
---@param fields linnet.test_message
---@return linnet.message
function linnet.message(fields) end

---In tests: as if this file lay beside the configuration.
---@param name string
---@param text string
function linnet.stub_file(name, text) end

---In tests: what env gives.
---@param name string
---@param value string
function linnet.stub_env(name, value) end
