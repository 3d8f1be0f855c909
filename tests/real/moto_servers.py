"""moto: the control plane of AWS and a Firehose that writes to S3, which checks signatures once it
is told to."""
import json
import urllib.request

from servers import Part, Server, answers_http, python_packages

REGION = "us-east-1"
ACCOUNT = "123456789012"
MOTO = Part("moto", "5.2.5", python_packages("moto[server]==5.2.5"))


def moto():
    program = MOTO.folder() / "bin/moto_server"
    return Server("moto", lambda port, _: [program, "-H", "127.0.0.1", "-p", port],
                  lambda server: answers_http(server.url + "/moto-api/"))


class Cloud:
    """An account of its own user, whom policies allow `actions`; others are refused."""

    def __init__(self, server, actions):
        self.url, self.keys = server.url, ("first", "first")
        iam = self.client("iam")
        policy = {"Version": "2012-10-17",
                  "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.create_user(UserName="linnet")
        iam.put_user_policy(UserName="linnet", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="linnet")["AccessKey"]
        self.keys = key["AccessKeyId"], key["SecretAccessKey"]
        asked = urllib.request.Request(server.url + "/moto-api/reset-auth", b"0",
                                       {"Content-Type": "text/plain"}, method="POST")
        urllib.request.urlopen(asked, timeout=20).close()

    def client(self, service):
        import botocore.config
        import botocore.session
        config = botocore.config.Config(retries={"max_attempts": 0},
                                        s3={"addressing_style": "path"})
        return botocore.session.get_session().create_client(
            service, region_name=REGION, endpoint_url=self.url, config=config,
            aws_access_key_id=self.keys[0], aws_secret_access_key=self.keys[1])

    def environment(self, **others):
        """What linnet must know to find it."""
        return {"AWS_ACCESS_KEY_ID": self.keys[0], "AWS_SECRET_ACCESS_KEY": self.keys[1],
                "AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.url,
                "AWS_EC2_METADATA_DISABLED": "true", **others}
