"""The way in: a load balancer and its rules."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.lb_listener_rule import LbListenerRule, LbListenerRuleAction
from constructs import Construct

from kf_airflow import answers
from kf_airflow.dns_records import place_records
from kf_airflow.findings import accept_finding
from kf_airflow.ingress_checks import check_brought, check_made
from kf_airflow.ingress_rules import Match, Priorities
from kf_airflow.inside_ports import InsidePorts
from kf_airflow.listeners import place_rule
from kf_airflow.load_balancer import MadeLoadBalancer, place_load_balancer
from kf_airflow.login import place_login
from kf_airflow.naming import checked_description, checked_name
from kf_airflow.options import IngressOptions
from kf_airflow.refs import BucketRef, Consumer, LoadBalancerRef, NetworkRef, Target
from kf_airflow.target_rules import place_target_rules

# Where the provider of a login sends the browser back to, on each host name.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
_LOGIN_PATH = "/oauth2/idpresponse"


class Ingress(Construct):
    """An application load balancer, which answers 404 until `forward` gives it something to serve.

    With the login of its options (`oidc`), nobody reaches what it serves without; the client's secret is
    then in Terraform's state, see `OidcOptions`.

    On a load balancer that is brought, it only adds rules, the wiring of what they forward to, and records.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets if internal, else in the public ones.
        options: How it is made. The defaults of `IngressOptions` if left out. Of a load balancer that is
            brought, only host names, zone and login may be told.
        load_balancer: A load balancer that exists already. If left out, one is made.
        access_logs: Where it logs requests and connections, below `<prefix>/load-balancer`; the bucket's
            policy has to let it, as that of `AccessLogs` does. If left out, it does not log; unused if a load
            balancer is brought.
        description: What its security group is for, which cannot be changed later without making that anew.
            `Load balancer of <name>` if left out; unused if a load balancer is brought.

    Raises:
        ValueError: if a value is not allowed, or the network has not what the load balancer needs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        options: IngressOptions | None = None,
        load_balancer: LoadBalancerRef | None = None,
        access_logs: BucketRef | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._options = options or IngressOptions()
        checked_name(name)
        made: MadeLoadBalancer | None = None
        if load_balancer is None:
            check_made(self._options, access_logs)
            made = place_load_balancer(
                self,
                name=name,
                network=network,
                options=self._options,
                access_logs=access_logs,
                description=checked_description(description, f"Load balancer of {name}"),
            )
            load_balancer = made.ref
        else:
            check_brought(self._options, load_balancer)
        self._made = made
        self._balancer = load_balancer
        self._priorities = Priorities(self._balancer.first_priority)
        self._inside = InsidePorts(self, self._balancer)
        oidc = self._options.oidc
        self._login = place_login(self, "oidc-secret", options=oidc) if oidc else None
        place_records(self, options=self._options, load_balancer=load_balancer, made_here=made is not None)

    @property
    def ref(self) -> LoadBalancerRef:
        """The load balancer, as another `Ingress` may be brought it."""
        return self._balancer

    @property
    def dns_name(self) -> str:
        """The load balancer's own host name."""
        return self._balancer.dns_name

    @property
    def load_balancer_arn(self) -> str:
        """The load balancer's ARN."""
        return self._balancer.arn

    @property
    def made(self) -> bool:
        """Whether the load balancer was made here, and so has no other rules."""
        return self._made is not None

    @property
    def https(self) -> bool:
        """Whether it speaks HTTPS."""
        return self._balancer.https

    @property
    def url(self) -> str:
        """The UI's address for a browser, without a slash at the end."""
        return self.url_of(self._options.host or self.dns_name)

    def url_of(self, host: str) -> str:
        """Returns the address of one of its host names for a browser, without a slash at the end."""
        return f"{'https' if self.https else 'http'}://{host}"

    def forward(
        self,
        target: Target,
        *,
        hosts: Sequence[str] = (),
        paths: Sequence[str] = (),
        exempt_paths: Sequence[str] = (),
    ) -> None:
        """Forwards to a service, and makes that start once it is registered there.

        Earlier calls win. A rule has room for five host names and paths.

        Args:
            target: The service.
            hosts: Under which host names. If left out, under `host` of the options, or under any if that is
                not set.
            paths: What it serves. If left out, everything that no other call names.
            exempt_paths: What of it may be read (GET) without the login, such as its health. Nothing if left
                out, but for the `exempt_paths` of `oidc` where all paths are served.

        Raises:
            ValueError: if there are more than a rule has room for, or neither host name nor path on a load
                balancer that is brought.
        """
        hosts, paths = tuple(hosts) or self._default_hosts(), tuple(paths)
        self._exempt(f"exempt-{target.name}", target, hosts, exempt_paths)
        if not paths and self._options.oidc is not None:
            self._exempt(f"exempt-{target.name}-too", target, hosts, self._options.oidc.exempt_paths)
        if paths and hosts != self._default_hosts() and self._login is not None:
            # Nobody else may serve that path there.
            paths = (*paths, _LOGIN_PATH)
        if hosts or paths:
            self._connect(
                target,
                self._rule(
                    f"forward-{target.name}",
                    Match(hosts=hosts, paths=paths),
                    answers.to(target.target_group_arn, self._login),
                    self._priorities.other(),
                ),
            )
            return
        if self._made is None:
            raise ValueError(
                f"hosts and paths of {target.name!r} are empty, as is host of the options: allowed is one of "
                "them, for what no rule names is for the owner of a load balancer that is brought"
            )
        listener = self._made.listener
        listener.put_default_action(answers.everything_to(target.target_group_arn, self._login))
        self._connect(target, listener)

    def refuse(self, id_: str, *, paths: Sequence[str], hosts: Sequence[str] = ()) -> None:
        """Answers 403 to what matches one of `paths`, whatever else is said of it.

        Args:
            id_: What its rule is called.
            paths: Patterns. With the host names, a rule has room for five.
            hosts: Under which host names. If left out, under any; on a load balancer that is brought, under
                those of the options, if there are any.

        Raises:
            ValueError: if there are more than a rule has room for.
        """
        if not hosts and self._made is None:
            hosts = self._options.hosts
        self._rule(
            f"refuse-{id_}",
            Match(hosts=tuple(hosts), paths=tuple(paths)),
            answers.refused(),
            self._priorities.refusal(),
        )

    def redirect(self, id_: str, *, hosts: Sequence[str], paths: Sequence[str], to_path: str) -> None:
        """Sends the browser to another path of the same host. Earlier calls win.

        Args:
            id_: What its rule is called.
            hosts: From which host names. With the paths, a rule has room for five.
            paths: From which paths.
            to_path: The path.

        Raises:
            ValueError: if there are more than a rule has room for, or `to_path` is no path.
        """
        if not to_path.startswith("/"):
            raise ValueError(f"to_path is {to_path!r}: allowed is a path, a slash first")
        self._rule(
            f"redirect-{id_}",
            Match(hosts=tuple(hosts), paths=tuple(paths)),
            answers.at_path(to_path),
            self._priorities.other(),
        )

    def forward_inside(
        self, target: Target, *, port: int, source: Consumer, paths: Sequence[str] = ()
    ) -> None:
        """Forwards a port of its own to a service, for `source` alone. There is no login before it.

        Args:
            target: The service.
            port: The port.
            source: Who may connect to it.
            paths: What it serves, at most five patterns; earlier calls win. If left out, everything that no
                other call for this port names; that call has to be the first.

        Raises:
            ValueError: if the first call for a port names paths, or another does not.
        """
        self._connect(target, self._inside.forward(target, port=port, source=source, paths=paths))
        if self._made is not None and self.https:
            accept_finding(
                self._made.balancer, "CKV2_AWS_20", "Port 80 redirects, the other one is for who is inside"
            )

    def _default_hosts(self) -> tuple[str, ...]:
        return () if self._options.host is None else (self._options.host,)

    def _exempt(self, id_: str, target: Target, hosts: tuple[str, ...], paths: Sequence[str]) -> None:
        """Lets paths be read without the login. The rule comes right before that which asks for it."""
        if self._login is None or not paths:
            return
        self._rule(
            id_,
            Match(hosts=hosts, paths=tuple(paths), methods=("GET",)),
            answers.to(target.target_group_arn),
            self._priorities.other(),
        )

    def _rule(
        self, id_: str, match: Match, actions: list[LbListenerRuleAction], priority: int
    ) -> LbListenerRule:
        return place_rule(
            self,
            id_,
            listener_arn=self._balancer.listener_arn,
            priority=priority,
            match=match,
            actions=actions,
        )

    def _connect(self, target: Target, attachment: TerraformResource) -> None:
        # ECS registers tasks only with a target group in use.
        target.start_after(attachment)
        place_target_rules(self, target=target, security_group_id=self._balancer.security_group_id)
