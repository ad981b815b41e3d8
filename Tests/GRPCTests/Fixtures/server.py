"""A grpcio server with the methods that the tests call. Says PORT=…; options of the channel are arguments NAME=NUMBER."""
import sys
import time
from concurrent import futures

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

ca, cert, key = sys.argv[1:4]
options = [(name, int(value)) for name, value in (option.split("=") for option in sys.argv[4:])]


def echo(request, context):
    given = [(k, v) for k, v in context.invocation_metadata() if k in ("x-text", "x-data-bin")]
    context.send_initial_metadata([("x-first", "one")])
    context.set_trailing_metadata(given)
    return request


def fail(request, context):
    bad = error_details_pb2.BadRequest(
        field_violations=[error_details_pb2.BadRequest.FieldViolation(field="badge", description="must not be empty")])
    info = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=1, nanos=500000000))
    packed = []
    for detail in (bad, info):
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    context.abort_with_status(
        rpc_status.to_status(status_pb2.Status(code=3, message="the badge is missing: \u2603 100%\n", details=packed)))


def hold(request, context):
    while context.is_active():
        time.sleep(0.01)
    return request


def left(request, context):
    return int((context.time_remaining() or 0) * 1e9).to_bytes(8, "little")


def slow(request, context):
    print("SLOW", flush=True)
    time.sleep(0.3)
    return request


def big(request, context):
    return b"x" * 300000


def packed(request, context):
    context.set_compression(grpc.Compression.Gzip)
    return request


def crash(request, context):
    raise ValueError("no reason")


methods = {"Echo": echo, "Fail": fail, "Hold": hold, "Deadline": left, "Big": big, "Gzip": packed, "Crash": crash,
           "Slow": slow}
handlers = {name: grpc.unary_unary_rpc_method_handler(function) for name, function in methods.items()}
server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=options)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test", handlers),))
if ca:
    read = lambda path: open(path, "rb").read()
    port = server.add_secure_port(
        "127.0.0.1:0", grpc.ssl_server_credentials([(read(key), read(cert))], read(ca), True))
else:
    port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"PORT={port}", flush=True)
sys.stdin.read()
server.stop(5).wait()
