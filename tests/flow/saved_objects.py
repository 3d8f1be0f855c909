"""Saved objects as Kibana takes and uses them: whether they hold together, and what they ask."""
import json

STRINGS = ("visState", "uiStateJSON", "panelsJSON", "optionsJSON", "fields")
# The newest a Kibana 7.4.0 knows; of a newer one it says "belongs to a more recent version".
NEWEST = {"index-pattern": (6, 5, 0), "search": (7, 4, 0), "visualization": (7, 3, 1),
          "dashboard": (7, 3, 0)}
SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def load(text):
    """Objects by type and id; the texts of JSON in them are read, too."""
    found = {}
    for line in text.splitlines():
        made = json.loads(line)
        attributes = made["attributes"]
        for name in STRINGS:
            if name in attributes:
                assert isinstance(attributes[name], str), (made["id"], name)
                attributes[name] = json.loads(attributes[name])
        if "kibanaSavedObjectMeta" in attributes:
            attributes["source"] = json.loads(
                attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        assert (made["type"], made["id"]) not in found
        found[made["type"], made["id"]] = made
    return found


def of_type(objects, kind):
    return [made for made in objects.values() if made["type"] == kind]


def named(objects, ending):
    """The one object whose id ends so."""
    return next(made for (_, identity), made in objects.items() if identity.endswith(ending))


def wanted_references(made):
    """Names that an object's parts refer to."""
    attributes = made["attributes"]
    names = [attributes["source"]["indexRefName"]] if "indexRefName" in attributes.get(
        "source", {}) else []
    return names + [panel["panelRefName"] for panel in attributes.get("panelsJSON", [])]


def check(objects):
    """Types, versions, references, the grid: what an import or a first look would trip over."""
    for (kind, identity), made in objects.items():
        assert kind in NEWEST and identity.startswith("linnet-")
        version = tuple(map(int, made["migrationVersion"][kind].split(".")))
        assert version <= NEWEST[kind], identity
        assert sorted(one["name"] for one in made["references"]) == sorted(wanted_references(made))
        for one in made["references"]:
            assert (one["type"], one["id"]) in objects, (identity, one)
    for board in of_type(objects, "dashboard"):
        check_grid([panel["gridData"] for panel in board["attributes"]["panelsJSON"]])


def check_grid(places):
    """No two panels share a place, none is beyond the 48 columns."""
    taken = set()
    for place in places:
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 48 and not taken & cells
        taken |= cells


# ---- what they ask --------------------------------------------------------------------------

def view_of(objects, made):
    reference = next(one for one in made["references"] if one["name"] == SOURCE)
    return objects["index-pattern", reference["id"]]["attributes"]


def bucket(question, fields):
    """One division of the documents as Kibana makes it of an entry of `aggs`."""
    params = question["params"]
    field = next(one for one in fields if one["name"] == params["field"])
    assert field["aggregatable"], field
    if field["scripted"]:
        by = {"script": {"source": field["script"], "lang": field["lang"]},
              "value_type": field["type"]}
    else:
        by = {"field": params["field"]}
    if question["type"] == "date_histogram":
        return {"date_histogram": {**by, "fixed_interval": "30m", "time_zone": "UTC",
                                   "min_doc_count": params["min_doc_count"]}}
    order = {"_count" if params["orderBy"] == "1" else params["orderBy"]: params["order"]}
    return {"terms": {**by, "size": params["size"], "order": order}}


def aggregations(state, fields):
    """The aggs of a search, from the outermost division to the metric."""
    metric = [one for one in state["aggs"] if one["schema"] == "metric"]
    inner = {one["id"]: {one["type"]: {"field": one["params"]["field"]}}
             for one in metric if one["type"] != "count"}
    for question in reversed([one for one in state["aggs"] if one["schema"] != "metric"]):
        made = bucket(question, fields)
        if inner:
            made["aggs"] = inner
        inner = {question["id"]: made}
    return inner


def kuery(text):
    """Our only kind of it: `field : "value"`."""
    if not text:
        return {"match_all": {}}
    field, value = text.split(" : ", 1)
    return {"bool": {"should": [{"match_phrase": {field: json.loads(value)}}],
                     "minimum_should_match": 1}}


def within(time_field, query):
    """The dashboard's span, here one that holds everything."""
    span = {"gte": "1970-01-01T00:00:00Z", "lte": "2100-01-01T00:00:00Z",
            "format": "strict_date_optional_time"}
    return {"bool": {"must": [query], "filter": [{"range": {time_field: span}}]}}


def questions(objects):
    """(id, index, body) of every search that the dashboard and the saved searches make."""
    for made in objects.values():
        attributes = made["attributes"]
        if made["type"] == "visualization" and attributes["visState"]["type"] == "vega":
            spec = json.loads(attributes["visState"]["params"]["spec"])
            for url in (data["url"] for data in spec["data"]):
                assert url["%context%"] and "query" not in url["body"]
                yield made["id"], url["index"], {
                    **url["body"], "query": within(url["%timefield%"], {"match_all": {}})}
        elif made["type"] in ("visualization", "search"):
            view = view_of(objects, made)
            query = within(view["timeFieldName"], kuery(attributes["source"]["query"]["query"]))
            if made["type"] == "search":
                sort = [{field: {"order": order, "unmapped_type": "boolean"}}
                        for field, order in attributes["sort"]]
                yield made["id"], view["title"], {"size": 500, "query": query, "sort": sort}
            else:
                yield made["id"], view["title"], {
                    "size": 0, "track_total_hits": True, "query": query,
                    "aggs": aggregations(attributes["visState"], view["fields"])}
