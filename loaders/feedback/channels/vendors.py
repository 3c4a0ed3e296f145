"""The bots of WeCom (企业微信), DingTalk (钉钉) and Feishu (飞书): paths, signatures, limits and codes of their answers.

Sizes: WeCom takes texts of 2,048 bytes; DingTalk bodies of 20,000 bytes; Feishu bodies of 20 KiB for bots of groups (30 KiB for
apps). All take 20 messages a minute here, though Feishu allows 100: a group of people reads no more. Sizes, limits and codes are
by documentation (docs/notifications.md); no test has asked the vendors' servers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from loaders.feedback.channels.bot import BotAddress, BotKind, BotRequest

_MINUTE, _TEN_MINUTES = 60.0, 600.0
# What surrounds the text in a body: names of fields, a timestamp and a signature.
_BODY_BYTES = 500


def sign_dingtalk(secret: str, milliseconds: int) -> str:
    """Returns DingTalk's signature: HMAC-SHA256 of the timestamp and the secret, with the secret as the key, in base64."""
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def sign_feishu(secret: str, seconds: int) -> str:
    """Returns Feishu's signature: HMAC-SHA256 of nothing, with the timestamp and the secret as the key, in base64."""
    digest = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _wecom_request(address: BotAddress, text: str, _: float) -> BotRequest:
    body = {"msgtype": "text", "text": {"content": text}}
    return BotRequest("/cgi-bin/webhook/send", body, {"key": address.token})


def _dingtalk_request(address: BotAddress, text: str, now: float) -> BotRequest:
    query = {"access_token": address.token}
    if address.secret:
        milliseconds = int(now * 1000)
        query |= {"timestamp": str(milliseconds), "sign": sign_dingtalk(address.secret, milliseconds)}
    return BotRequest("/robot/send", {"msgtype": "text", "text": {"content": text}}, query)


def _feishu_request(address: BotAddress, text: str, now: float) -> BotRequest:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if address.secret:
        body |= {"timestamp": str(int(now)), "sign": sign_feishu(address.secret, int(now))}
    return BotRequest(f"/open-apis/bot/v2/hook/{address.token}", body)


BOTS = {
    kind.name: kind
    for kind in (
        BotKind(
            "wecom", "qyapi.weixin.qq.com", 2_048, _wecom_request, ("errcode",), {45009: _MINUTE, 45033: _MINUTE, -1: _MINUTE}
        ),
        BotKind(
            "dingtalk",
            "oapi.dingtalk.com",
            20_000 - _BODY_BYTES,
            _dingtalk_request,
            ("errcode",),
            {130101: _TEN_MINUTES, 410100: _TEN_MINUTES, -1: _MINUTE},
        ),
        BotKind(
            "feishu",
            "open.feishu.cn",
            20_480 - _BODY_BYTES,
            _feishu_request,
            ("code", "StatusCode"),
            {9499: _MINUTE, 11232: _MINUTE, 11247: _MINUTE},
        ),
    )
}
