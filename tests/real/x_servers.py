"""Clients of X that are not ours, each in a Python of its own: they show that tests/flow/x_fake.py is an X."""
from servers import Part, python_packages

NEW = Part("tweepy", "4.17.0", python_packages("tweepy==4.17.0"))  # reads v2
OLD = Part("tweepy", "4.13.0", python_packages("tweepy==4.13.0"))  # reads v1.1, too
