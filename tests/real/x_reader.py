"""Run by a Python that has tweepy: reads a stream, or sets rules, at a host that is not X's.

x_reader.py HOST stream|rules|search|filter: what it hears, a JSON line each.
"""
import json
import re
import sys
import threading

import tweepy

HOST, WHAT = sys.argv[1:]


def say(kind, value):
    print(json.dumps([kind, value]), flush=True)


def redirect(session):
    """Its requests go to HOST instead of X."""
    ask = session.request
    session.request = lambda method, url, **rest: ask(
        method, re.sub(r"https://(api|stream)\.(twitter|x)\.com", HOST, url), **rest)


def hears(kind):
    def hear(_, value=None):
        told = value if isinstance(value, (int, str, dict, list, type(None))) else str(value)
        say(kind, told)
    return hear


def ends(kind):
    """As that, and nothing more is read: tweepy would begin again at once."""
    def end(_, value):
        say(kind, value if isinstance(value, int) else value.status_code)
        raise SystemExit
    return end


def stream_of_v2():
    class Reader(tweepy.StreamingClient):
        on_keep_alive, on_errors = hears("keep_alive"), hears("errors")
        on_request_error, on_closed = ends("status"), ends("closed")

        def on_response(self, response):
            say("post", [response.data.id, response.data.text, response.includes["users"][0].username,
                         [rule.tag for rule in response.matching_rules]])
    reader = Reader("TOKEN", max_retries=0)
    redirect(reader.session)
    return reader, lambda: reader.filter(expansions=["author_id"])


def stream_of_v1():
    class Reader(tweepy.Stream):
        on_keep_alive, on_limit = hears("keep_alive"), hears("limit")
        on_warning, on_disconnect_message = hears("warning"), hears("disconnect_message")
        on_request_error, on_closed = ends("status"), ends("closed")

        def on_status(self, status):
            say("post", [status.id, status.text, status.user.screen_name])
    reader = Reader("key", "secret", "token", "token-secret", max_retries=0)
    redirect(reader.session)
    return reader, lambda: reader.filter(track=["caf\u00e9", "two words"], languages=["en"])


def set_rules():
    client = tweepy.StreamingClient("TOKEN")
    redirect(client.session)
    added = client.add_rules([tweepy.StreamRule("cat", tag="mine"), tweepy.StreamRule("dog")])
    say("added", [[rule.value, rule.tag] for rule in added.data])
    say("errors", client.add_rules(tweepy.StreamRule("cat")).errors)
    there = client.get_rules().data
    say("there", [[rule.value, rule.tag] for rule in there])
    client.delete_rules([there[0].id])
    say("left", [rule.value for rule in client.get_rules().data])


def search():
    client = tweepy.Client("TOKEN")
    redirect(client.session)
    for page in tweepy.Paginator(client.search_recent_tweets, "cat", max_results=100):
        say("page", [post.id for post in page.data or []])


def main():
    if WHAT in ("rules", "search"):
        set_rules() if WHAT == "rules" else search()
        return
    _, begin = stream_of_v2() if WHAT == "stream" else stream_of_v1()
    thread = threading.Thread(target=begin, daemon=True)
    thread.start()
    thread.join(30)


main()
