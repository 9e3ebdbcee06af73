"""The output tree over HTTP."""

from __future__ import annotations

from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from publisher import addresses
from publisher.web.site import Site


class Files:
    """Answers with the files of the output folder."""

    def __init__(self, site: Site) -> None:
        self._root = site.config.output_folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = addresses.file_of(scope["path"].lstrip("/"))
        file = self._root / path
        inside = file.resolve().is_relative_to(self._root.resolve())
        answer = (
            FileResponse(file)
            if inside and file.is_file()
            else PlainTextResponse("not found", status_code=404)
        )
        await answer(scope, receive, send)
