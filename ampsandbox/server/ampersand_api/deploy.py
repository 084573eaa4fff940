"""What `amp deploy` calls: an upload URL, the zip, and the upsert of the integrations in it."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec
from starlette.responses import Response

from ampsandbox.manifest.loader import FILE_NAMES, parse_manifest
from ampsandbox.server.ampersand_api import models
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError
from ampsandbox.server.ampersand_api.uploads import BUCKET

# A zip of a few bytes may unpack to gigabytes, so no more than this is read of it.
_MANIFEST_BYTES: Final = 1024 * 1024
_AGAIN: Final = "Run `amp deploy` again."


class UpsertIntegrationsRequest(msgspec.Struct, rename="camel"):
    """Where the manifest is (openapi: batchUpsertIntegrations)."""

    source_zip_url: str | None = None
    source_yaml: str | None = None


async def _upload_url(call: ApiCall) -> Any:
    name = call.api.uploads.open(call.query.get("md5", ""))
    return models.SignedUrl(url=f"{call.base_url}/v1/uploads/{name}", bucket=BUCKET, path=name)


async def _upload(call: ApiCall) -> Any:
    call.api.uploads.put(call.path["upload"], call.body)
    return Response(status_code=200)


async def _upsert(call: ApiCall) -> Any:
    """Take the manifest as if it had been saved: the file on disk stays as it is."""
    asked: UpsertIntegrationsRequest = call.body
    if asked.source_zip_url:
        text, source = _manifest_in(call.api.uploads.find(asked.source_zip_url))
    elif asked.source_yaml:
        text, source = asked.source_yaml.encode(), "amp.yaml"
    else:
        issue = ApiIssue("body", "sourceZipUrl", "is missing", "Give sourceZipUrl or sourceYaml.")
        raise ProblemError(422, "One of sourceZipUrl or sourceYaml is required.", issue.remedy, (issue,))
    result = parse_manifest(text, source)
    if result.manifest is None:
        issues = tuple(
            ApiIssue(
                "body",
                f"{source}:{each.position.line}:{each.position.column}",
                f"{each.message} [{each.rule}]",
                each.suggestion or "",
            )
            for each in result.errors
        )
        detail = f"{source}: {result.errors[0].message}"
        raise ProblemError(422, detail, "All findings: ampsandbox check.", issues)
    await call.api.service.manifests.take(result)
    return [call.api.views.integration(each) for each in call.platform.integrations]


def _manifest_in(content: bytes) -> tuple[bytes, str]:
    """The manifest of a zip, and its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for each in archive.infolist():
                if PurePosixPath(each.filename).name in FILE_NAMES and not each.is_dir():
                    with archive.open(each) as file:
                        text = file.read(_MANIFEST_BYTES + 1)
                    break
            else:
                raise ProblemError(
                    422, "The zip holds no amp.yaml or amp.yml.", "Deploy the folder that has it."
                )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ProblemError(422, f"The upload is no zip that can be read: {error}.", _AGAIN) from None
    if len(text) > _MANIFEST_BYTES:
        raise ProblemError(422, f"{each.filename} is larger than 1 MiB.", "No manifest needs that much.")
    return text, PurePosixPath(each.filename).name


OPERATIONS = (
    ApiEndpoint("GET", "/generate-upload-url", "generateUploadUrl", _upload_url),
    # The URL is the permission, as it is for a signed one.
    ApiEndpoint("PUT", "/uploads/{upload}", "upload", _upload, bytes, is_open=True),
    ApiEndpoint(
        "PUT",
        "/projects/{project}/integrations:batch",
        "batchUpsertIntegrations",
        _upsert,
        UpsertIntegrationsRequest,
    ),
)
