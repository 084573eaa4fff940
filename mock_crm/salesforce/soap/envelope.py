"""The SOAP envelope: what a request asks for, and how an answer or a fault is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

from mock_crm.core.http import Response
from mock_crm.salesforce.soap.document import XmlError, is_true, parse, render, render_text, text

CONTENT_TYPE: Final = "text/xml;charset=UTF-8"
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'


class SoapFaultError(Exception):
    """A refusal of the whole call; the answer is a SOAP fault with status 500.

    Args:
        code: Salesforce's exception code, such as `INVALID_SESSION_ID`.
        message: Its text.
        detail: The name of the detail element, such as `LoginFault`; none by default.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class ClientFaultError(SoapFaultError):
    """A fault of SOAP itself: the request is no envelope, or names an operation that does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__("soapenv:Client", message)


class UnknownOperationError(ClientFaultError):
    """The API with this namespace has no such operation."""

    def __init__(self, namespace: str, operation: str) -> None:
        super().__init__(
            f"No operation available for request {{{namespace}}}{operation}, "
            "please check the WSDL for the service."
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request.

    Attributes:
        operation: Local name of the body's element.
        body: That element.
        header: The header element, empty if there is none.
    """

    operation: str
    body: Element
    header: Element

    @property
    def session_id(self) -> str:
        """The access token of the session header; empty if there is none."""
        return text(self.header, "SessionHeader/sessionId")

    @property
    def all_or_none(self) -> bool:
        """Whether one failure undoes the whole call."""
        return is_true(text(self.header, "AllOrNoneHeader/allOrNone"))


def read(content: bytes) -> Envelope:
    """Read a request's body.

    Raises:
        ClientFaultError: it is no SOAP envelope with an operation.
    """
    try:
        root = parse(content)
    except XmlError as error:
        raise ClientFaultError(f"The request is not well-formed: {error}") from error
    body = root.find("Body")
    if root.tag != "Envelope" or body is None or len(body) == 0:
        raise ClientFaultError("The request is not a SOAP envelope with an operation in its body.")
    header = root.find("Header")
    return Envelope(body[0].tag, body[0], header if header is not None else Element("Header"))


def answer(operation: str, result: Any, namespace: str, header: Any = None) -> Response:
    """Answer an operation; elements carry no prefix, which clients that use regular expressions rely on.

    Args:
        operation: The operation's name; the answer's element is that plus `Response`.
        result: What `render` takes: a mapping, or a list for repeated results.
        namespace: The API's own namespace.
        header: The elements of the header, as a mapping; none by default.
    """
    shown = render("soapenv:Header", header)
    content = (
        f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{_SOAP}" xmlns="{namespace}" xmlns:xsi="{_XSI}">'
        f"{shown}<soapenv:Body><{operation}Response>{render('result', result)}</{operation}Response>"
        "</soapenv:Body></soapenv:Envelope>"
    )
    return Response(200, content.encode(), CONTENT_TYPE)


def answer_fault(fault: SoapFaultError, namespace: str) -> Response:
    """Answer with a fault; clients look for the literal prefix `sf:`."""
    code = fault.code if ":" in fault.code else f"sf:{fault.code}"
    prefix = "" if isinstance(fault, ClientFaultError) else f"{fault.code}: "
    content = (
        f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{_SOAP}" xmlns:sf="{namespace}" xmlns:xsi="{_XSI}">'
        f"<soapenv:Body><soapenv:Fault><faultcode>{code}</faultcode>"
        f"<faultstring>{render_text(prefix + fault.message)}</faultstring>{_detail(fault)}"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(500, content.encode(), CONTENT_TYPE)


def _detail(fault: SoapFaultError) -> str:
    if not fault.detail:
        return ""
    name = f"sf:{fault.detail}"
    return (
        f'<detail><{name} xsi:type="{name}"><sf:exceptionCode>{fault.code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{render_text(fault.message)}</sf:exceptionMessage></{name}></detail>"
    )
