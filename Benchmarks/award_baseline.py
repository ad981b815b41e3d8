"""AwardBadge as it is commonly written: grpc.aio, redis-py, confluent-kafka, asyncpg, fastavro. The same order as the
server's own: cache, customer, name, row, Kafka's acknowledgement, cache, answer. Measured beside it by Benchmarks/server.

    award_baseline.py PORT        with KAFKA_BROKER, GAMIFICATION_REDIS_PORT, USERS_HOST and libpq's variables set;
    MESSAGES                      is where grpc_tools has put the messages of the protocol files.
"""
import asyncio
import io
import os
import signal
import sys
import threading
import uuid
from datetime import timezone

import asyncpg
import confluent_kafka
import fastavro
import grpc
import redis.asyncio

sys.path.insert(0, os.environ["MESSAGES"])
import gamification_pb2 as messages
import users_pb2 as users

TRACE = "0" * 31 + "1"
INSERT = """
    INSERT INTO badge_awards (merchant_id, customer_id, badge, event_id, locale, trace_id) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING RETURNING awarded_at
"""


def schema(topic):
    return fastavro.parse_schema(fastavro.schema.load_schema(f"schemas/{topic}.avsc"))


def encoded(schema, record):
    out = io.BytesIO()
    out.write(b"\0\0\0\0\1")
    fastavro.schemaless_writer(out, schema, record)
    return out.getvalue()


def answer(status, event_id, awarded_at):
    response = messages.AwardBadgeResponse(status=status, event_id=event_id)
    response.awarded_at.FromMilliseconds(awarded_at)
    return response


class Awards:
    async def start(self):
        self.loop = asyncio.get_running_loop()
        self.redis = redis.asyncio.Redis(connection_pool=redis.asyncio.BlockingConnectionPool(
            max_connections=50, timeout=None, port=int(os.environ["GAMIFICATION_REDIS_PORT"]), decode_responses=True))
        self.pool = await asyncpg.create_pool(
            host=os.environ["PGHOST"], port=int(os.environ["PGPORT"]), user=os.environ["PGUSER"],
            database=os.environ["PGDATABASE"], min_size=4, max_size=4)
        self.producer = confluent_kafka.Producer(
            {"bootstrap.servers": os.environ["KAFKA_BROKER"], "acks": "all", "linger.ms": 5})
        threading.Thread(target=self.poll, daemon=True).start()
        channel = grpc.aio.insecure_channel(os.environ["USERS_HOST"])
        self.customer = channel.unary_unary(
            "/users.v1/GetCustomer", request_serializer=users.GetCustomerRequest.SerializeToString,
            response_deserializer=users.GetCustomerResponse.FromString)
        self.names = {}
        self.schemas = [schema("badge.awarded"), schema("badge.task")]

    def poll(self):
        while True:
            self.producer.poll(0.1)

    def published(self, topic, key, value):
        future = self.loop.create_future()

        def acknowledged(error, _):
            settle = (lambda: future.set_exception(RuntimeError(str(error)))) if error else (lambda: future.set_result(None))
            self.loop.call_soon_threadsafe(settle)

        self.producer.produce(topic, value, key, on_delivery=acknowledged)
        return future

    async def name(self, badge):
        if badge not in self.names:
            key = f"translations:{badge}:en"
            name = await self.redis.get(key)
            if name is None:
                name = await self.pool.fetchval(
                    "SELECT value FROM translations WHERE key = $1 AND locale = 'en' LIMIT 1", badge)
                if name is not None:
                    await self.redis.set(key, name, ex=86400)
            self.names[badge] = name
            if len(self.names) > 20000:
                self.names.pop(next(iter(self.names)))
        return self.names[badge]

    async def award(self, request, context):
        merchant, customer = str(uuid.UUID(request.merchant_id)), str(uuid.UUID(request.customer_id))
        cached, known = f"badge:{merchant}:{customer}:{request.badge}", f"eligibility:{merchant}:{customer}"
        async with self.redis.pipeline(transaction=False) as pipe:
            found, eligible = await pipe.hgetall(cached).hgetall(known).execute()
        if found:
            return answer(messages.AwardBadgeResponse.ALREADY_AWARDED, found["event_id"], int(found["awarded_at"]))
        if not eligible:
            reply = await self.customer(users.GetCustomerRequest(customer_id=customer, merchant_id=merchant), timeout=1)
            await self.redis.hset(known, mapping={"locale": reply.language})
        if await self.name(request.badge) is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such badge")
        event_id = uuid.uuid5(uuid.NAMESPACE_OID, f"gamification.v1/badge.awarded/{merchant}/{customer}/{request.badge}")
        at = await self.pool.fetchval(
            INSERT, uuid.UUID(merchant), uuid.UUID(customer), request.badge, event_id, request.locale, TRACE)
        if at is None:
            row = await self.pool.fetchrow(
                "SELECT event_id, awarded_at FROM badge_awards WHERE merchant_id = $1 AND customer_id = $2 AND badge = $3",
                uuid.UUID(merchant), uuid.UUID(customer), request.badge)
            awarded_at = int(row["awarded_at"].replace(tzinfo=timezone.utc).timestamp() * 1000)
            return answer(messages.AwardBadgeResponse.ALREADY_AWARDED, str(row["event_id"]), awarded_at)
        awarded_at = int(at.timestamp() * 1000)
        record = {
            "event_id": str(event_id), "merchant_id": merchant, "customer_id": customer, "badge": request.badge,
            "schema_version": 1, "task_type": "badge_awarded_notification", "locale": request.locale,
            "created_at": awarded_at, "trace_id": TRACE}
        await asyncio.gather(
            self.published("badge.awarded", customer, encoded(self.schemas[0], record)),
            self.published("badge.task", customer, encoded(self.schemas[1], record)))
        await self.pool.execute(
            "UPDATE badge_awards SET published_at = now() WHERE merchant_id = $1 AND customer_id = $2 AND badge = $3",
            uuid.UUID(merchant), uuid.UUID(customer), request.badge)
        async with self.redis.pipeline(transaction=False) as pipe:
            await pipe.hset(cached, mapping={"status": "AWARDED", "event_id": str(event_id), "awarded_at": awarded_at}).expire(
                cached, 3600).execute()
        return answer(messages.AwardBadgeResponse.AWARDED, str(event_id), awarded_at)


async def main():
    awards = Awards()
    await awards.start()
    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(
        awards.award, request_deserializer=messages.AwardBadgeRequest.FromString,
        response_serializer=messages.AwardBadgeResponse.SerializeToString)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("gamification.v1", {"AwardBadge": handler}),))
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    await server.start()
    print("READY", flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(1)


asyncio.run(main())
