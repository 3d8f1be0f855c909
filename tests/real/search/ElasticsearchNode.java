// One node of Elasticsearch 7: FOLDER PORT, until it is killed.
import java.util.concurrent.CountDownLatch;
import org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner;

public class ElasticsearchNode {
    public static void main(String[] words) throws Exception {
        ElasticsearchClusterRunner runner = new ElasticsearchClusterRunner();
        runner.onBuild((number, settings) -> {
            settings.put("discovery.type", "single-node");
            settings.put("http.host", "127.0.0.1");
            settings.put("transport.host", "127.0.0.1");
            settings.put("http.port", words[1]);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        }).build(ElasticsearchClusterRunner.newConfigs()
            .basePath(words[0]).numOfNode(1).clusterName("linnet").useLogger());
        runner.ensureYellow();
        new CountDownLatch(1).await();
    }
}
