"""What each cloud's devices send in CONNECT, against vendors' documents and vendors' own tests.

vectors.json groups the vectors by function. The kind of each stands in its test's name:
"self-computed" ones come from no vendor and only hold the result still.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modemlab.platforms import Credentials, aliyun, decode_key, huawei, onenet, sign, tencent, thingscloud

Vector = dict[str, Any]
VECTORS: dict[str, list[Vector]] = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))

# A key made up for these tests: 24 bytes in base64.
KEY = "bW9kZW1sYWIncyBvd24gdGVzdCBrZXkh"
NOON = datetime(2031, 7, 4, 12, 59, 59, tzinfo=UTC)


def made_aliyun(inputs: Vector) -> Vector:
    """Sent by `aliyun.credentials`."""
    sent = aliyun.credentials(
        inputs["clientId"],
        inputs["deviceName"],
        inputs["productKey"],
        inputs["deviceSecret"],
        signmethod=inputs["signmethod"],
        securemode=inputs.get("securemode", aliyun.TCP),
        timestamp=inputs.get("timestamp"),
    )
    return named(sent)


def made_aliyun_dynreg(inputs: Vector) -> Vector:
    """Sent by `aliyun.dynamic_register`."""
    names = ("clientId", "deviceName", "productKey", "productSecret", "random")
    return named(aliyun.dynamic_register(*(inputs[name] for name in names)))


def made_onenet(inputs: Vector) -> Vector:
    """Sent by `onenet.credentials`, with `sign` beside it; a token alone has neither product nor device."""
    key, res, et, method = inputs["access_key"], inputs["res"], int(inputs["et"]), inputs["method"]
    version = inputs.get("version", onenet.VERSION)
    sent = onenet.credentials(
        inputs.get("product_id", ""), inputs.get("device_name", ""), key, res=res, et=et, method=method, version=version
    )
    assert sent.password == onenet.token(key, res, et, method, version)
    return named(sent) | {"sign": onenet.signature(key, res, et, method, version)}


def made_huawei(inputs: Vector) -> Vector:
    """Sent by `huawei.credentials` in the hour of the vector's time stamp."""
    when = datetime.strptime(inputs["timestamp"], "%Y%m%d%H").replace(tzinfo=UTC)
    sign_type = inputs.get("sign_type", 0)
    return named(huawei.credentials(inputs["device_id"], inputs["secret"], when, sign_type=sign_type))


def made_tencent(inputs: Vector) -> Vector:
    """Sent by `tencent.credentials`; the user name alone where no key was published."""
    product, device, connid, expiry = (inputs[n] for n in ("product_id", "device_name", "connid", "expiry"))
    if not inputs["psk"]:
        return {"username": tencent.username(product, device, connid, int(expiry))}
    return named(tencent.credentials(product, device, inputs["psk"], connid, int(expiry)))


def made_tencent_token(inputs: Vector) -> Vector:
    """What `tencent.token_text` and `tencent.token_signature` make."""
    names = ("client_id", "device_name", "expire", "nonce", "product_id", "timestamp")
    text = tencent.token_text(*(inputs[name] for name in names))
    return {"stringToSign": text, "signature": tencent.token_signature(inputs["device_secret"], text)}


def named(sent: Credentials) -> Vector:
    """`sent` under the names that the vectors use."""
    return {"clientId": sent.client_id, "username": sent.username, "password": sent.password}


MAKERS: dict[str, Callable[[Vector], Vector]] = {
    "aliyun": made_aliyun,
    "aliyun_dynreg": made_aliyun_dynreg,
    "onenet": made_onenet,
    "huawei": made_huawei,
    "tencent": made_tencent,
    "tencent_iotsuite_token": made_tencent_token,
}


@pytest.mark.parametrize(
    ("algo", "vector"),
    [
        pytest.param(algo, vector, id=f"{algo}: {vector['name']} [{vector['kind']}]")
        for algo, vectors in VECTORS.items()
        for vector in vectors
    ],
)
def test_vector(algo: str, vector: Vector) -> None:
    expected = dict(vector["expected"])
    if algo == "aliyun":  # the cloud compares its hex without regard to case, and ours is lower-case
        expected["password"] = expected["password"].lower()
    made = MAKERS[algo](vector["inputs"])
    assert {name: made[name] for name in expected} == expected


def test_vectors_are_whole() -> None:
    assert VECTORS.keys() == MAKERS.keys()
    fields = {"name", "inputs", "expected", "source", "kind"}
    assert all(vector.keys() == fields and vector["expected"] for vs in VECTORS.values() for vector in vs)
    assert sum(vector["kind"] != "self-computed" for vs in VECTORS.values() for vector in vs) == 12


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(
            aliyun.credentials("c", "dn", "pk", "s", securemode=aliyun.TLS)[:2],
            ("c|securemode=2,signmethod=hmacsha256|", "dn&pk"),
            id="aliyun over TLS, as aliauth sends it",
        ),
        pytest.param(
            aliyun.credentials("c", "dn", "pk", "s", timestamp="7", extra={"_v": "sdk-1", "gw": "0"}).client_id,
            "c|securemode=3,signmethod=hmacsha256,timestamp=7,_v=sdk-1,gw=0|",
            id="aliyun extra parameters come last, in their order",
        ),
        pytest.param(
            aliyun.dynamic_register("c", "dn", "pk", "s", "r1", signmethod="hmacmd5").client_id,
            "c|securemode=2,authType=register,random=r1,signmethod=hmacmd5|",
            id="aliyun dynamic register, another signmethod",
        ),
        pytest.param(
            onenet.credentials("P1", "dev", KEY),
            ("dev", "P1", onenet.token(KEY, "products/P1", 32_472_115_200, "sha256", "2018-10-31")),
            id="onenet for the whole product, far ahead, as onenet sends it",
        ),
        pytest.param(onenet.device_resource("P1", "dev"), "products/P1/devices/dev", id="onenet device"),
        pytest.param(huawei.credentials("p_n", "s", NOON)[:2], ("p_n_0_0_2031070412", "p_n"), id="huawei hwauth"),
        pytest.param(
            huawei.credentials("p_n", "s", NOON, sign_type=1).client_id,
            "p_n_0_1_2031070412",
            id="huawei hwauth, time checked",
        ),
        pytest.param(
            huawei.product_credentials("p", "s", "n", NOON)[:2], ("p_n_1_0_2031070412", "p_n"), id="huawei hwprodid"
        ),
        pytest.param(
            huawei.product_credentials("p", "s", "n", NOON, sign_type=1).client_id,
            "p_n_1_1_2031070412",
            id="huawei hwprodid, time checked",
        ),
        pytest.param(
            tencent.credentials("P", "d", KEY, "abc", 2**63 - 1, app_id="21010406").username,
            "Pd;21010406;abc;9223372036854775807",
            id="tencent with an application id of its own and no clock",
        ),
        pytest.param(
            thingscloud.credentials("token16token16xx", "projectkey"),
            ("thingscloud", "token16token16xx", "projectkey"),
            id="thingscloud",
        ),
        pytest.param(
            thingscloud.credentials("t", "k", "860000000000001").client_id,
            "860000000000001",
            id="thingscloud with a client id of its own",
        ),
    ],
)
def test_shape(sent: object, expected: object) -> None:
    assert sent == expected


def test_the_hour_is_in_utc() -> None:
    china = timezone(timedelta(hours=8))
    assert huawei.stamp(datetime(2031, 1, 1, 7, 59, tzinfo=china)) == "2030123123"
    assert huawei.stamp(datetime(2031, 1, 1, 8, 0, tzinfo=china)) == "2031010100"


def test_both_kinds_of_huawei_device_sign_alike() -> None:
    of_device = huawei.credentials("p_n", "s", NOON).password
    assert of_device == huawei.product_credentials("p", "s", "n", NOON).password


def test_onenet_method_is_signed_and_sent_as_written() -> None:
    upper = onenet.token(KEY, "products/P1", 9, "MD5")
    assert "&method=MD5&" in upper
    assert upper.rpartition("&sign=")[2] != onenet.token(KEY, "products/P1", 9, "md5").rpartition("&sign=")[2]


@pytest.mark.parametrize(("method", "digits"), [("hmacsha1", 40), ("hmacsha256", 64)])
def test_tencent_password_names_its_method(method: str, digits: int) -> None:
    mac, _, named_method = tencent.credentials("P", "d", KEY, "c", 1, method=method).password.partition(";")
    assert (len(mac), named_method) == (digits, method)


def test_aliyun_signs_neither_securemode_nor_extra_parameters() -> None:
    plain = aliyun.credentials("c", "dn", "pk", "s").password
    assert plain == aliyun.credentials("c", "dn", "pk", "s", securemode=aliyun.TLS, extra={"lan": "C"}).password


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: aliyun.credentials("c", "d", "p", "s", signmethod="sha256"), "unknown signmethod 'sha256'"),
        (lambda: aliyun.credentials("c", "d", "p", "s", securemode=1), "unknown securemode 1"),
        (lambda: aliyun.credentials("c", "d", "p", "s", timestamp=""), "timestamp"),
        (lambda: aliyun.credentials("c", "d", "p", "s", timestamp="-1"), "timestamp"),
        (lambda: aliyun.credentials("c", "d", "p", "s", timestamp="٣"), "timestamp"),
        (lambda: aliyun.credentials("c", "d", "p", "s", extra={"a": "1,b=2"}), "extra parameter 'a'"),
        (lambda: aliyun.credentials("c", "d", "p", "s", extra={"a|": "1"}), "extra parameter"),
        (lambda: aliyun.credentials("c", "d", "p", "s", extra={"securemode": "2"}), "extra parameter"),
        (lambda: aliyun.dynamic_register("c", "d", "p", "s", "r", signmethod=""), "unknown signmethod ''"),
        (lambda: onenet.credentials("p", "d", "Tjk0not64"), "the access key is not base64"),
        (lambda: onenet.credentials("p", "d", "Tjk0 bm90"), "the access key is not base64"),
        (lambda: onenet.credentials("p", "d", "Tjk0¬bm90"), "the access key is not base64"),
        (lambda: onenet.credentials("p", "d", "Tjk0bm9==="), "the access key is not base64"),
        (lambda: onenet.credentials("p", "d", ""), "the access key is empty"),
        (lambda: onenet.token(KEY, "products/p", 1, "sha512"), "unknown digest 'sha512'"),
        (lambda: onenet.token(KEY, "products/p", 1, ""), "unknown digest ''"),
        (lambda: huawei.credentials("d", "s", NOON, sign_type=2), "unknown sign type 2"),
        (lambda: huawei.product_credentials("p", "s", "n", NOON, sign_type=-1), "unknown sign type -1"),
        (lambda: huawei.credentials("d", "s", NOON.replace(tzinfo=None)), "no time zone"),
        (lambda: tencent.credentials("p", "d", KEY, "c", 1, method="hmacmd5"), "unknown method 'hmacmd5'"),
        (lambda: tencent.credentials("p", "d", "Tjk0not64", "c", 1), "the pre-shared key is not base64"),
        (lambda: tencent.credentials("p", "d", "", "c", 1), "the pre-shared key is empty"),
        (lambda: thingscloud.credentials("", "k"), "the access token is empty"),
        (lambda: thingscloud.credentials("t", ""), "the project key is empty"),
        (lambda: sign("sha3_256", b"k", "t"), "unknown digest 'sha3_256'"),
        (lambda: huawei.credentials("d", "Tjk0\udc80", NOON), "surrogates not allowed"),
    ],
)
def test_bad_input_is_one_line_without_the_secret(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert "Tjk0" not in text


def replaced(key: bytes, at: int) -> bytes:
    """`key` with one byte changed."""
    return key[:at] + bytes([key[at] ^ 1]) + key[at + 1 :]


def base64_of(key: bytes) -> str:
    """`key` as a cloud shows it."""
    return b64encode(key).decode()


WITH_SECRET: list[Callable[[bytes], str]] = [
    *(
        lambda secret, m=method: aliyun.credentials("c", "d", "p", secret.decode(), signmethod=m).password
        for method in aliyun.SIGN_METHODS
    ),
    lambda secret: aliyun.dynamic_register("c", "d", "p", secret.decode(), "r").password,
    lambda secret: onenet.credentials("p", "d", base64_of(secret)).password,
    lambda secret: huawei.credentials("d", secret.decode(), NOON).password,
    lambda secret: huawei.product_credentials("p", secret.decode(), "n", NOON).password,
    lambda secret: tencent.credentials("p", "d", base64_of(secret), "c", 1).password,
    lambda secret: tencent.credentials("p", "d", base64_of(secret), "c", 1, method="hmacsha1").password,
    lambda secret: tencent.token_signature(secret.decode(), "text"),
    lambda secret: thingscloud.credentials("t", secret.decode()).password,
]


@pytest.mark.parametrize("password", WITH_SECRET)
def test_every_byte_of_the_secret_counts(password: Callable[[bytes], str]) -> None:
    secret = decode_key(KEY, "key")
    made = [password(secret), *(password(replaced(secret, at)) for at in range(len(secret)))]
    assert len(set(made)) == len(secret) + 1


@given(res=st.text(), version=st.text(), et=st.integers(0, 2**63), key=st.binary(min_size=1))
@settings(deadline=None)
def test_a_onenet_token_reads_back(res: str, version: str, et: int, key: bytes) -> None:
    token = onenet.token(base64_of(key), res, et, "sha1", version)
    signed = onenet.signature(base64_of(key), res, et, "sha1", version)
    assert token.isascii()
    assert parse_qsl(token, keep_blank_values=True, strict_parsing=True) == [
        ("version", version),
        ("res", res),
        ("et", str(et)),
        ("method", "sha1"),
        ("sign", signed),
    ]


@given(
    client_id=st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"])),
    extra=st.dictionaries(
        st.from_regex(r"_[A-Za-z0-9_]{0,7}", fullmatch=True), st.from_regex(r"[^,|=]*", fullmatch=True)
    ),
)
@settings(deadline=None)
def test_an_aliyun_client_id_reads_back(client_id: str, extra: dict[str, str]) -> None:
    sent = aliyun.credentials(client_id, "d", "p", "s", timestamp="5", extra=extra).client_id
    own, parameters, rest = sent.split("|")
    wanted = {"securemode": "3", "signmethod": "hmacsha256", "timestamp": "5"} | extra
    assert (own, rest) == (client_id, "")
    assert dict(p.split("=") for p in parameters.split(",")) == wanted
