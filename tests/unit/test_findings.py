from typing import Any

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from synthesis import synthesize

from kf_airflow.findings import accept_finding


def test_an_accepted_finding_stands_in_the_comment_of_its_resource() -> None:
    def place(stack: Any) -> None:
        accept_finding(S3Bucket(stack, "bucket"), "CKV_AWS_18", "nobody reads access logs of access logs")

    comment = synthesize(place).document["resource"]["aws_s3_bucket"]["bucket"]["//"]

    assert comment["checkov"] == {"CKV_AWS_18": "nobody reads access logs of access logs"}
    assert comment["metadata"]["path"] == "test/bucket"
