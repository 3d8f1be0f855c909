// One node of OpenSearch: FOLDER PORT [MODULES], until it is killed.
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

public class OpenSearchNode {
    public static void main(String[] words) throws Exception {
        OpenSearchRunner runner = new OpenSearchRunner();
        OpenSearchRunner.Configs configs = OpenSearchRunner.newConfigs()
            .basePath(words[0]).numOfNode(1).clusterName("linnet").useLogger();
        if (words.length > 2) configs = configs.moduleTypes(words[2]);
        runner.onBuild((number, settings) -> {
            settings.put("discovery.type", "single-node");
            settings.put("http.host", "127.0.0.1");
            settings.put("transport.host", "127.0.0.1");
            settings.put("http.port", words[1]);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        }).build(configs);
        runner.ensureYellow();
        new CountDownLatch(1).await();
    }
}
