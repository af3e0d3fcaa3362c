"""The figures of the service for Prometheus. They are not part of the API, nor of its document."""

from flask import Response

from leadbook.access.gate import METRICS
from leadbook.web.metrics import exposition
from leadbook.web.operations import Operations

blueprint = Operations(METRICS, __name__)


@blueprint.read("/metrics")
def get_metrics() -> Response:
    """Get the figures of the service, in the format that the caller accepts."""
    body, media_type = exposition()
    return Response(body, content_type=media_type, headers={"Vary": "Accept"})
