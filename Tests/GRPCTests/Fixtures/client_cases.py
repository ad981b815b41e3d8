"""Calls the server of the tests with grpcio, and says of each case whether it went as it should."""
import sys
import threading
import time

import grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

port, ca, cert, key, stopper = sys.argv[1:6]
target = f"127.0.0.1:{port}"


def open_channel(*options):
    options = list(options)
    if not ca:
        return grpc.insecure_channel(target, options=options)
    read = lambda path: open(path, "rb").read()
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(read(ca), read(key), read(cert)), options=options)


channel = open_channel()
cases = []


def case(function):
    cases.append(function)
    return function


def method(name, on=None):
    return (on or channel).unary_unary(name, request_serializer=None, response_deserializer=None)


def failure(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


@case
def echo_of_every_size():
    for size in [0, 1, 5, 1000, 16384, 65536, 1000000, 3900000]:
        message = bytes(i % 251 for i in range(size))
        assert method("/test/Echo")(message, timeout=20) == message, size


@case
def many_at_once():
    calls = [method("/test/Echo").future(str(i).encode(), timeout=20) for i in range(2000)]
    assert [call.result() for call in calls] == [str(i).encode() for i in range(2000)]


@case
def metadata_and_binary_metadata():
    sent = [("x-text", "some text"), ("x-data-bin", b"\x00\xff\x01"), ("x-data-bin", b"")]
    _, call = method("/test/Echo").with_call(b"abc", metadata=sent, timeout=20)
    trailers = call.trailing_metadata()
    assert ("x-text", "some text") in trailers, trailers
    assert [v for k, v in trailers if k == "x-data-bin"] == [b"\x00\xff\x01", b""], trailers
    assert ("x-count", "3") in trailers


@case
def initial_metadata():
    _, call = method("/test/Initial").with_call(b"abc", timeout=20)
    assert ("x-first", "one") in call.initial_metadata(), call.initial_metadata()


@case
def message_and_details_of_a_status():
    error = failure(lambda: method("/test/Fail")(b"", timeout=20))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "the badge is missing: \u2603 100%\n", error.details()
    status = rpc_status.from_call(error)
    bad = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].field == "badge"
    assert bad.field_violations[0].description == "must not be empty"


@case
def retry_info():
    status = rpc_status.from_call(failure(lambda: method("/test/Busy")(b"", timeout=20)))
    info = error_details_pb2.RetryInfo()
    assert status.code == 8 and status.details[0].Unpack(info)
    assert info.retry_delay.seconds == 1 and info.retry_delay.nanos == 500000000


@case
def unknown_method():
    assert failure(lambda: method("/test/Nothing")(b"", timeout=20)).code() == grpc.StatusCode.UNIMPLEMENTED


@case
def deadline_is_passed_on():
    left = int.from_bytes(method("/test/Deadline")(b"", timeout=100), "little")
    assert 0 < left <= 101e9, left
    assert int.from_bytes(method("/test/Deadline")(b""), "little") == 0


@case
def deadline_passes():
    assert failure(lambda: method("/test/Hold")(b"", timeout=0.1)).code() == grpc.StatusCode.DEADLINE_EXCEEDED


@case
def cancellation():
    call = method("/test/Hold").future(b"")
    time.sleep(0.05)
    call.cancel()
    assert call.cancelled()


@case
def compression_of_requests_and_answers():
    for size in [0, 1, 200, 300000]:
        message = b"a" * size
        assert method("/test/Echo")(message, compression=grpc.Compression.Gzip, timeout=20) == message


@case
def an_unknown_compression():
    error = failure(lambda: method("/test/Echo")(b"a" * 1000, compression=grpc.Compression.Deflate, timeout=20))
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error


@case
def too_large_a_request():
    error = failure(lambda: method("/test/Echo")(b"a" * 5000000, timeout=20))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error


@case
def too_large_headers():
    sent = [(f"x-{i}", "v" * 1000) for i in range(20)]
    with open_channel(("grpc.max_metadata_size", 1 << 20)) as own:
        error = failure(lambda: method("/test/Echo", own)(b"a", metadata=sent, timeout=20))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
    assert method("/test/Echo")(b"a", timeout=20) == b"a"


@case
def two_messages_and_none():
    stream = channel.stream_unary("/test/Echo", request_serializer=None, response_deserializer=None)
    for messages in [[b"a", b"b"], []]:
        error = failure(lambda: stream(iter(messages), timeout=20))
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error


@case
def health_check():
    stub = health_pb2_grpc.HealthStub(channel)
    assert stub.Check(health_pb2.HealthCheckRequest(), timeout=20).status == 1
    error = failure(lambda: stub.Check(health_pb2.HealthCheckRequest(service="none"), timeout=20))
    assert error.code() == grpc.StatusCode.NOT_FOUND


@case
def client_with_keepalive_pings_of_its_own():
    # As often as the server allows only because something is sent in between.
    with open_channel(("grpc.keepalive_time_ms", 10), ("grpc.keepalive_permit_without_calls", 1)) as own:
        for _ in range(20):
            assert method("/test/Echo", own)(b"a", timeout=20) == b"a"


@case
def health_watch_until_the_server_stops():
    stub = health_pb2_grpc.HealthStub(channel)
    unknown = stub.Watch(health_pb2.HealthCheckRequest(service="none"))
    assert next(unknown).status == 3
    unknown.cancel()
    watch = stub.Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == 1
    held = method("/test/Hold").future(b"held")
    time.sleep(0.1)
    print("STOP", flush=True)
    assert next(watch).status == 2
    error = failure(lambda: next(watch))
    assert error.code() == grpc.StatusCode.UNAVAILABLE, error
    # A call in flight finishes all the same.
    assert held.result(timeout=20) == b"held"


for function in cases:
    try:
        function()
        print("ok", function.__name__, flush=True)
    except BaseException as error:
        print("FAILED", function.__name__, repr(error), flush=True)
print("DONE", len(cases), flush=True)
