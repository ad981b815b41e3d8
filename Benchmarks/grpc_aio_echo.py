"""A bare unary echo on grpc.aio, to be measured beside ours. Says PORT=…, and on SIGTERM what it cost."""
import asyncio
import resource
import signal

import grpc


async def echo(request, context):
    return request


async def main():
    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(echo)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("echo.v1.Echo", {"Echo": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"PORT={port}", flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(1)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    micros = int((usage.ru_utime + usage.ru_stime) * 1e6)
    print(f"CPU_MICROSECONDS={micros} PEAK_KIB={usage.ru_maxrss}", flush=True)


asyncio.run(main())
