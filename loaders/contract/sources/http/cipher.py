"""Bodies that are encrypted within TLS, as government platforms do with SM4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from loaders.contract.sources.answer_path import AnswerPath
from loaders.contract.strict_model import StrictModel


class Sm4Cipher(StrictModel):
    """SM4 (GB/T 32907) with PKCS#7 padding over the body of the request, of the answer, or of both.

    The key is `?sm4_key=` of the connection's URL, or without it the connection's password: 32 hexadecimal digits, or 16
    characters. In mode `cbc`, `iv` says where the initialization vector is: in `?sm4_iv=` of the connection's URL (`connection`),
    in the first 16 of the encrypted bytes (`prefix`; a new random one goes with each request), or the key itself (`key`).

    `request` is the field of `request.body.json` whose content is replaced by its encrypted text, `answer` the place of the
    encrypted text in the answer; `$` is the whole body. What is at `answer` is decrypted before anything is looked for:
    `records: data.list` is a path into the decrypted `data`. `encoding` is how encrypted bytes are written.

    Example:
        source:
          kind: http_api
          connection: platform
          request: {method: POST, path: /api/query, body: {json: {appId: huimin, data: {month: "{period:%Y%m}"}}}}
          asks_for: period
          cipher: {kind: sm4, mode: cbc, iv: prefix, encoding: base64, request: data, answer: data}
          success: {path: code, values: [0]}
          records: data.list
    """

    kind: Literal["sm4"] = "sm4"
    mode: Literal["cbc", "ecb"]
    iv: Literal["connection", "prefix", "key"] | None = None
    encoding: Literal["base64", "hex", "HEX"] = "base64"
    request: AnswerPath | None = None
    answer: AnswerPath | None = None

    def errors(self) -> Iterator[str]:
        """A vector where the mode has none, and a cipher that encrypts nothing."""
        if (self.mode == "cbc") != (self.iv is not None):
            yield "iv goes with mode: cbc, and mode: cbc with iv (connection, prefix or key)"
        if self.request is None and self.answer is None:
            yield "say what is encrypted: request, answer or both, e.g. answer: data"
