"""DNS answers, without a network."""

from dnslib import QTYPE, RCODE, DNSRecord

from localstack_dataplane.dns import Resolver, system_resolver
from localstack_dataplane.names import Names


def ask(kind="A", **hosts):
    names = Names()
    names.publish("x", {"web.ns": hosts["web"]})
    return Resolver(names, "127.0.0.1").resolve(DNSRecord.question("web.ns", kind), None)


def test_a_published_name_has_its_addresses():
    reply = ask(web=["10.0.0.1", "10.0.0.2"])
    assert [str(record.rdata) for record in reply.rr] == ["10.0.0.1", "10.0.0.2"]


def test_answers_are_not_kept_for_long():
    assert ask(web=["10.0.0.1"]).rr[0].ttl == 1


def ask_service(kind, **options):
    names = Names()
    names.publish("x", {"t.web.ns": ["10.0.0.1"]}, **options)
    return Resolver(names, "127.0.0.1").resolve(DNSRecord.question("web.ns", kind), None)


def test_a_service_record_has_port_and_target():
    reply = ask_service("SRV", services={"web.ns": [(8080, "t.web.ns")]})
    assert [str(record.rdata) for record in reply.rr] == ["1 1 8080 t.web.ns."]


def test_a_name_with_service_records_alone_has_no_address_but_exists():
    reply = ask_service("A", services={"web.ns": [(8080, "t.web.ns")]})
    assert (reply.header.rcode, reply.rr) == (RCODE.NOERROR, [])


def test_an_answer_has_at_most_as_many_values_as_its_limit():
    services = {"web.ns": [(port, "t.web.ns") for port in range(1, 10)]}
    assert len(ask_service("SRV", services=services, limits={"web.ns": 8}).rr) == 8


def test_a_name_without_address_does_not_exist():
    assert ask(web=[]).header.rcode == RCODE.NXDOMAIN


def test_there_are_no_ipv6_addresses():
    reply = ask("AAAA", web=["10.0.0.1"])
    assert (reply.header.rcode, reply.rr, reply.q.qtype) == (RCODE.NOERROR, [], QTYPE.AAAA)


def test_the_resolver_upstream_is_the_first_ipv4_one(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text("search x\nnameserver fd00::1\nnameserver 10.0.0.53\n")
    assert system_resolver(path) == "10.0.0.53"


def test_without_one_it_is_that_of_docker(tmp_path):
    assert system_resolver(tmp_path / "none") == "127.0.0.11"
