"""The load balancer of the stack of every type, with certificates, records, rules and a login."""

from kf_airflow import Ingress, IngressOptions, OidcOptions, Service
from kf_airflow.refs import BucketRef, NetworkRef

# isort: split
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone

_PROVIDER = "https://login.example.org"


def place_ingress(
    stack: TerraformStack,
    *,
    name: str,
    network: NetworkRef,
    access_logs: BucketRef,
    web: Service,
    workers: Service,
    oidc_secret_arn: str,
) -> Ingress:
    """Makes the load balancer: what it serves of `web` asks for a login, and `workers` are inside."""
    zone = DataAwsRoute53Zone(stack, "zone", name="example.org")
    certificates = [
        AcmCertificate(
            stack, f"certificate-{host}", domain_name=f"{host}.example.org", validation_method="DNS"
        )
        for host in ("web", "extra")
    ]
    ingress = Ingress(
        stack,
        "ingress",
        name=name,
        network=network,
        options=IngressOptions(
            certificate_arn=certificates[0].arn,
            extra_certificate_arns=(certificates[1].arn,),
            deletion_protection=False,
            host="web.example.org",
            flower_host="extra.example.org",
            zone_id=zone.zone_id,
            oidc=OidcOptions(
                issuer=_PROVIDER,
                authorization_endpoint=f"{_PROVIDER}/authorize",
                token_endpoint=f"{_PROVIDER}/token",
                user_info_endpoint=f"{_PROVIDER}/userinfo",
                client_id=name,
                client_secret_arn=oidc_secret_arn,
                exempt_paths=("/health",),
            ),
        ),
        access_logs=access_logs,
    )
    ingress.refuse("inner", paths=["/inner/*"])
    ingress.redirect("root", hosts=["extra.example.org"], paths=["/"], to_path="/extra/")
    ingress.forward(web)
    ingress.forward_inside(workers, port=9000, source=web)
    workers.allow_from(web, port=web.target_ports[0], description="Page of the workers")
    return ingress
