#!/usr/bin/python3
"""Makes the bundled posts: tests/data/make_posts.py > posts.ndjson

The texts are VADER's 4,200 rated tweets, as they are but for an added hashtag here and there; the
envelope around them, shaped like X's API v1.1 stream, is generated. The same input gives the same
bytes under every Python 3: all chance comes from the generator below. config/demo/README.md says
what is real.
"""
import bisect
import json
import re
import sys
import time
from pathlib import Path

TWEETS = Path(__file__).resolve().parent / "sentiment/vader_tweets_ground_truth.tsv"

DAY_MS = 24 * 3600 * 1000
START_MS = 1537401600000  # 2018-09-20 00:00 UTC
SNOWFLAKE_EPOCH_MS = 1288834974657
USERS = 900
RETWEETS = 460
MAX_COMPAT = 140  # characters of `text`; what is longer goes to extended_tweet

# Posts an hour of the day, relative.
RHYTHM = [30, 20, 14, 10, 9, 12, 22, 38, 52, 58, 60, 62, 70, 66, 60, 58, 62, 70, 78, 88, 96, 92,
          72, 48]
# (first minute, minutes, posts, hashtag, whether its texts are the bad or the good ones)
BURSTS = [(13 * 60 + 20, 20, 240, "outage", "bad"), (20 * 60 + 40, 25, 300, "final", "good")]

HASHTAGS = """love music weekend coffee nowplaying work football sunny school travel food weather
    friends tbt news sleep movie sports win gym party cats dogs birthday summer art fail monday
    photo books""".split()
CITIES = """New York|US|-74.006|40.713;London|GB|-0.128|51.507;Los Angeles|US|-118.244|34.052
    Chicago|US|-87.63|41.878;Houston|US|-95.37|29.76;Toronto|CA|-79.383|43.653
    Sydney|AU|151.209|-33.869;Melbourne|AU|144.963|-37.814;Manchester|GB|-2.242|53.481
    Dublin|IE|-6.26|53.35;Glasgow|GB|-4.251|55.865;Atlanta|US|-84.388|33.749
    Miami|US|-80.192|25.762;Seattle|US|-122.332|47.606;Boston|US|-71.059|42.36
    Philadelphia|US|-75.165|39.953;Dallas|US|-96.797|32.777;Vancouver|CA|-123.121|49.283
    Auckland|NZ|174.763|-36.848;Cape Town|ZA|18.424|-33.925;Lagos|NG|3.379|6.524
    Nairobi|KE|36.822|-1.292;Mumbai|IN|72.878|19.076;Manila|PH|120.984|14.6
    Singapore|SG|103.82|1.352;Berlin|DE|13.405|52.52;Paris|FR|2.352|48.857
    Madrid|ES|-3.704|40.417;Mexico City|MX|-99.133|19.433;Rio de Janeiro|BR|-43.173|-22.907"""
SYLLABLES = """ka lo mi ra ne to shi da el an jo be ri ma zu ty le vi sa dra sky rose fox
    blue may jam pix moon owl""".split()
NAMES = """Emma Liam Olivia Noah Ava Jay Zoe Jose Kim Anna Sarah Mike Kate Ali Chen Maria Sam Alex
    Jordan Taylor Chris Pat Robin Lee Dana Ines Omar Nia Tom Ruth""".split()


class Chance:
    """splitmix64 (Steele, Lea, Flood 2014), so that no Python's own generator matters."""

    def __init__(self, seed):
        self.state = seed

    def bits(self, count):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return (z ^ (z >> 31)) >> (64 - count)

    def below(self, bound):
        return self.bits(53) % bound

    def happens(self, percent):
        return self.below(10000) < percent * 100

    def pick(self, items):
        return items[self.below(len(items))]

    def zipf(self, items):
        """The k-th of the items with a weight of 1/k."""
        sums, total = [], 0
        for rank in range(1, len(items) + 1):
            total += 720720 // rank
            sums.append(total)
        return items[bisect.bisect_right(sums, self.below(total))]

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


chance = Chance(20180920)


def read_tweets():
    """[(rating from -4 to 4, text)] in the file's order."""
    rows = TWEETS.read_bytes().decode("utf-8").split("\r\n")
    return [(float(row.split("\t")[1]), row.split("\t")[2]) for row in rows if row]


def make_users():
    users = []
    for number in range(USERS):
        syllables = "".join(chance.pick(SYLLABLES) for _ in range(2 + chance.below(2)))
        identity = 10_000_000 + chance.below(3_000_000_000)
        users.append({"id": identity, "id_str": str(identity), "name": chance.pick(NAMES),
                      "screen_name": f"{syllables}{number}",
                      "followers_count": 20 + 90000 // (1 + chance.below(3000)), "lang": "en",
                      "verified": chance.happens(2)})
    return users


def make_cities():
    rows = [row.strip().split("|") for row in re.split(r"[;\n]", CITIES)]
    return [(name, country, float(lon), float(lat)) for name, country, lon, lat in rows]


users, cities = make_users(), make_cities()


def rhythm_times(count):
    """`count` milliseconds of the day, spread after RHYTHM."""
    edges = [sum(RHYTHM[:hour + 1]) for hour in range(24)]
    times = []
    for _ in range(count):
        hour = bisect.bisect_right(edges, chance.below(edges[-1]))
        times.append(hour * 3600 * 1000 + chance.below(3600 * 1000))
    return times


def schedule(tweets):
    """[(ms of the day, text, burst's hashtag or None)], in order of time."""
    chance.shuffle(tweets)
    rest, slots = list(tweets), []
    for first, minutes, count, tag, mood in BURSTS:
        fits = [one for one in rest if (one[0] < -0.5 if mood == "bad" else one[0] > 0.5)]
        inside = fits[:count * 4 // 5]
        taken = set(inside)
        rest = [one for one in rest if one not in taken]
        inside, rest = inside + rest[:count // 5], rest[count // 5:]
        slots += [(first * 60000 + chance.below(minutes * 60000), text, tag) for _, text in inside]
    times = rhythm_times(len(rest))
    return sorted(slots + [(ms, text, None) for ms, (_, text) in zip(times, rest)],
                  key=lambda slot: slot[:2])


def with_hashtag(text, burst_tag):
    if burst_tag and chance.happens(70):
        return f"{text} #{burst_tag}"
    return f"{text} #{chance.zipf(HASHTAGS)}" if chance.happens(32) else text


def snowflake(ms):
    return ((START_MS + ms - SNOWFLAKE_EPOCH_MS) << 22) | (chance.below(1024) << 12)


def clock_text(ms):
    return time.strftime("%a %b %d %H:%M:%S +0000 %Y", time.gmtime((START_MS + ms) // 1000))


def mention(handle, start):
    identity = 5_000_000 + sum(ord(c) * 7919 ** (i % 3) for i, c in enumerate(handle)) % 10**9
    return {"screen_name": handle, "name": handle, "id": identity, "id_str": str(identity),
            "indices": [start, start + len(handle) + 1]}


def entities(text, urls=()):
    """What stands in the text, at its code points."""
    return {"hashtags": [{"text": found.group(1), "indices": list(found.span())}
                         for found in re.finditer(r"(?<![\w&])#(\w*[A-Za-z_]\w*)", text)],
            "urls": list(urls),
            "user_mentions": [mention(found.group(1), found.start())
                              for found in re.finditer(r"(?<!\w)@(\w{1,15})\b", text)],
            "symbols": [{"text": found.group(1), "indices": list(found.span())}
                        for found in re.finditer(r"(?<!\w)\$([A-Z]{2,6})\b", text)]}


def put_text(post, text):
    """`text` with its entities; beyond 140 characters, the cut text and the full one."""
    if len(text) <= MAX_COMPAT:
        post.update(text=text, truncated=False, entities=entities(text))
        return
    alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    short = "https://t.co/" + "".join(chance.pick(alphabet) for _ in range(10))
    cut = text[:MAX_COMPAT - len(short) - 2].rsplit(" ", 1)[0] + "\u2026 "
    link = {"url": short, "expanded_url": "https://twitter.com/i/web/status/" + post["id_str"],
            "display_url": f"twitter.com/i/web/status/{post['id_str'][0]}\u2026",
            "indices": [len(cut), len(cut) + len(short)]}
    post.update(text=cut + short, truncated=True, entities=entities(cut, [link]),
                extended_tweet={"full_text": text, "display_text_range": [0, len(text)],
                                "entities": entities(text)})


def put_place(post):
    """Coordinates for some, only a place for others."""
    post.update(coordinates=None, place=None)
    if not chance.happens(14):
        return
    name, country, lon, lat = chance.zipf(cities)
    post["place"] = {"place_type": "city", "name": name, "full_name": name,
                     "country_code": country}
    if chance.happens(70):
        point = [round(centre + (chance.below(4001) - 2000) / 10000, 4) for centre in (lon, lat)]
        post["coordinates"] = {"type": "Point", "coordinates": point}


def put_reply(post, text, earlier):
    answered = {"id_str": None, "user": {"id_str": None, "screen_name": None}}
    if earlier and chance.happens(20 if text.startswith("@") else 3):
        answered = chance.pick(earlier[-400:])
    post.update(in_reply_to_status_id_str=answered["id_str"],
                in_reply_to_user_id_str=answered["user"]["id_str"],
                in_reply_to_screen_name=answered["user"]["screen_name"])


def language(text):
    """The real texts are English; where hardly a letter stands, X says "und"."""
    return "en" if len(re.findall(r"[A-Za-z]", text)) >= 8 else "und"


def new_post(ms):
    identity = snowflake(ms)
    return {"created_at": clock_text(ms), "id": identity, "id_str": str(identity)}


def finish(post, author, ms, text):
    post.update(user=author, lang=language(text), timestamp_ms=str(START_MS + ms))
    return post


def nested(post):
    return {name: value for name, value in post.items()
            if name not in ("timestamp_ms", "quoted_status")}


def make_post(ms, text, earlier):
    post = new_post(ms)
    put_text(post, text)
    put_reply(post, text, earlier)
    put_place(post)
    post["is_quote_status"] = bool(earlier) and chance.happens(4)
    if post["is_quote_status"]:
        quoted = nested(chance.pick(earlier[-400:]))
        post.update(quoted_status_id_str=quoted["id_str"], quoted_status=quoted)
    return finish(post, chance.zipf(users), ms, text)


def full_text(post):
    return post.get("extended_tweet", {}).get("full_text", post["text"])


def make_retweet(ms, original):
    post = new_post(ms)
    text = f"RT @{original['user']['screen_name']}: {full_text(original)}"
    if len(text) > MAX_COMPAT:
        text = text[:MAX_COMPAT - 1] + "\u2026"
    post.update(text=text, truncated=False, entities=entities(text), coordinates=None, place=None,
                in_reply_to_status_id_str=None, in_reply_to_user_id_str=None,
                in_reply_to_screen_name=None, is_quote_status=False,
                retweeted_status=nested(original))
    return finish(post, chance.pick(users), ms, full_text(original))


def make_delete(ms, post):
    return {"delete": {"status": {"id": post["id"], "id_str": post["id_str"],
                                  "user_id": post["user"]["id"],
                                  "user_id_str": post["user"]["id_str"]},
                       "timestamp_ms": str(START_MS + ms)}}


def make_stream():
    """The records of the day in order; None is a keep-alive line."""
    original = [(ms, text, tag, "post") for ms, text, tag in schedule(read_tweets())]
    repeats = [(ms, "", None, "retweet") for ms in rhythm_times(RETWEETS)]
    others = [(ms, "", None, "delete") for ms in rhythm_times(12)]
    others += [(BURSTS[1][0] * 60000 + 600000, "", None, "limit")]
    others += [(hour * 1800000 + 17, "", None, "keep-alive") for hour in range(48)]
    earlier, stream = [], []
    for ms, text, tag, kind in sorted(original + repeats + others, key=lambda one: one[:2]):
        if kind == "post":
            earlier.append(make_post(ms, with_hashtag(text, tag), earlier))
            stream.append(earlier[-1])
        elif kind == "retweet" and earlier:
            stream.append(make_retweet(ms, chance.zipf(earlier[-60:])))
        elif kind == "delete" and earlier:
            stream.append(make_delete(ms, chance.pick(earlier)))
        elif kind == "limit":
            stream.append({"limit": {"track": 37, "timestamp_ms": str(START_MS + ms)}})
        elif kind == "keep-alive":
            stream.append(None)
    return stream


def line_of(record):
    """As the stream wrote it: ASCII, "/" escaped, CR and LF."""
    if record is None:
        return "\r\n"
    return json.dumps(record, separators=(",", ":")).replace("/", "\\/") + "\r\n"


def main():
    sys.stdout.buffer.write("".join(map(line_of, make_stream())).encode("ascii"))


if __name__ == "__main__":
    main()
