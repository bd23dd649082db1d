"""Airflow on the internet: HTTPS, two host names, a login at the load balancer, a firewall, records, logs."""

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret

from kf_airflow import AccessLogOptions, Airflow, IngressOptions, OidcOptions
from kf_airflow.findings import accept_finding

ALLOWED_CIDRS = ("0.0.0.0/0",)

ACCOUNT = "us-east-1:111122223333"
PROVIDER = "https://login.example.org"


def place(stack: TerraformStack) -> None:
    zone = DataAwsRoute53Zone(stack, "zone", name="example.org")
    client = SecretsmanagerSecret(stack, "client", name="kf-public/oidc", kms_key_id="alias/kf-public")
    accept_finding(client, "CKV2_AWS_57", "The identity provider makes it, and a new one by hand")
    Airflow(
        stack,
        "airflow",
        name="kf-public",
        image="111122223333.dkr.ecr.us-east-1.amazonaws.com/kf-airflow:0000000",
        access_logs=AccessLogOptions(),
        ingress=IngressOptions(
            internal=False,
            allowed_cidrs=ALLOWED_CIDRS,
            certificate_arn=f"arn:aws:acm:{ACCOUNT}:certificate/11112222-3333-4444-5555-666677778888",
            extra_certificate_arns=(
                f"arn:aws:acm:{ACCOUNT}:certificate/99990000-aaaa-bbbb-cccc-ddddeeeeffff",
            ),
            tls_policy="ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
            idle_timeout_seconds=300,
            web_acl_arn=f"arn:aws:wafv2:{ACCOUNT}:regional/webacl/kf/11112222-3333-4444-5555-666677778888",
            host="airflow.example.org",
            flower_host="flower.example.org",
            zone_id=zone.zone_id,
            oidc=OidcOptions(
                issuer=PROVIDER,
                authorization_endpoint=f"{PROVIDER}/oauth2/v1/authorize",
                token_endpoint=f"{PROVIDER}/oauth2/v1/token",
                user_info_endpoint=f"{PROVIDER}/oauth2/v1/userinfo",
                client_id="kf-airflow",
                client_secret_arn=client.arn,
                scope="openid email",
                session_timeout_seconds=28800,
                exempt_paths=("/static/*",),
            ),
        ),
    )
