"""SOAP in and out: lenient about prefixes, strict about what could hurt."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_crm.salesforce.soap import document, envelope


@pytest.mark.parametrize(
    "body",
    [
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a:login xmlns:a="urn:p">'
        "<a:username>x</a:username></a:login></e:Body></e:Envelope>",
        '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><login xmlns="urn:p"><username>x'
        "</username></login></Body></Envelope>",
        "\n\n<?xml version='1.0'?><Envelope><Body><login><username> x </username></login></Body></Envelope>",
    ],
)
def test_any_prefix_will_do(body: str) -> None:
    read = envelope.read(body.encode())
    assert read.operation == "login"
    assert document.text(read.body, "username") == "x"


@pytest.mark.parametrize("written", ["CustomField", "ns0:CustomField"])
def test_a_type_is_known_with_and_without_prefix(written: str) -> None:
    found = document.parse(
        f'<m xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="{written}"/>'.encode()
    )
    assert found.get("type") == "CustomField"


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b"<a>&undefined;</a>", "undefined entity"),
        (b"<a>" * 100 + b"</a>" * 100, "nested"),
        (b"<a>", "no element found"),
        (b"", "no element found"),
        (b"\x00\xff", "syntax error"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "unknown encoding"),
    ],
)
def test_hostile_xml_is_refused(hostile: bytes, reason: str) -> None:
    with pytest.raises(document.XmlError, match=reason):
        document.parse(hostile)


@given(st.text())
def test_any_text_is_rendered_as_text(value: str) -> None:
    element = fromstring(document.render("a", {"@b": value, "c": value}))
    assert [child.tag for child in element] == ["c"]


def test_values_are_rendered_as_xml_schema_writes_them() -> None:
    rendered = document.render("a", {"b": True, "c": [1, 2], "d": None, "e": {"f": "<&>"}, "g": document.NIL})
    assert rendered == ('<a><b>true</b><c>1</c><c>2</c><e><f>&lt;&amp;&gt;</f></e><g xsi:nil="true"/></a>')


def test_a_request_that_is_no_envelope_is_a_client_fault() -> None:
    with pytest.raises(envelope.ClientFaultError, match="not a SOAP envelope"):
        envelope.read(b"<login/>")


def test_headers_are_read() -> None:
    read = envelope.read(
        b"<Envelope><Header><SessionHeader><sessionId>00D!a</sessionId></SessionHeader>"
        b"<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader></Header><Body><a/></Body></Envelope>"
    )
    assert (read.session_id, read.all_or_none) == ("00D!a", True)


def test_a_fault_carries_the_prefix_that_clients_look_for() -> None:
    fault = envelope.SoapFaultError("INVALID_LOGIN", "No & no", "LoginFault")
    answer = envelope.answer_fault(fault, "urn:fault.partner.soap.sforce.com")
    text = answer.body.decode()
    assert answer.status == 500
    assert (
        "<faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: No &amp; no</faultstring>" in text
    )
    assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in text
    assert "<sf:exceptionMessage>No &amp; no</sf:exceptionMessage>" in text
    fromstring(text)
