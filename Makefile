# What a person and the continuous integration run; both run the same. `make help` lists it.

# Release binaries carry the Swift runtime, so that a target needs Debian's C libraries alone.
RELEASE = --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld
# An import of a target that Package.swift does not declare as a dependency is an error.
ARROWS = --explicit-target-dependency-import-check error
PROGRAMS = reprocess-dlq replay cleanup-translations gamification-server
PREFIX ?= /usr/local
DESTDIR ?=
BIN = .build/release

export RELEASE ARROWS

.PHONY: help build install test lint unit binaries integration simulate demo clean packages \
	simulate-hour avro-mutations prove-kills prove-replay prove-operations prove-cluster bench bench-start bench-memory bench-plan bench-prune prove-prune-kills \
	prove-server prove-server-memory \
	protocol bench-grpc bench-replay bench-redis bench-server bench-saga

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 18

packages:
	@scripts/debian-packages build

build: packages ## Release binaries, stripped, in .build/release
	set -e; for program in $(PROGRAMS); do swift build $(RELEASE) --product $$program; done
	strip $(PROGRAMS:%=$(BIN)/%)

install: ## What `make build` built, man pages, completions, migrations below DESTDIR and PREFIX
	scripts/install "$(DESTDIR)$(PREFIX)" $(PROGRAMS)

test: ## Lint, unit, built-binary and integration tests, a minute of simulation
	@scripts/debian-packages build test
	@scripts/test lint unit binaries integration simulate

lint: ## Format, import arrows, scripts
	@scripts/lint

unit: packages ## Tests that need no server
	@scripts/debian-packages test
	@scripts/test unit

binaries: packages ## Tests of the built programs
	@scripts/debian-packages test
	@scripts/test binaries

integration: packages ## Tests on the embedded stack, on Apache Kafka and on a schema registry
	@scripts/debian-packages test
	@scripts/test integration

simulate: packages ## A minute of random schedules of the redrive engine
	@scripts/test simulate

demo: ## Seed a dead-letter queue, list it, drain it, see where everything went
	@scripts/debian-packages build demo
	@scripts/demo

# Long proofs, on real servers of their own. ARGS="kills=20 seed=7" changes the plan of a prove-… target.

simulate-hour: packages ## An hour of random schedules
	swift run $(RELEASE) simulate-redrive $${SEED:-1} 3600

avro-mutations: packages ## A million hostile inputs for codec and envelopes
	AVRO_MUTATIONS=1000000 HOSTILE_INPUTS=1000000 swift test --disable-xctest \
		--filter '^AvroTests.MutationTests|^EventsTests.*(Hostile|Mutation|EventDecoder)'

prove-kills: packages ## Kill the drain 200 times over 100,000 records on Apache Kafka
	@scripts/debian-packages test
	swift build --build-tests
	.build/debug/prove-redrive kills $(ARGS)

prove-prune-kills: packages ## Kill the prune of translations 200 times over 200,000 rows
	@scripts/debian-packages test
	PRUNE_KILLS=200 PRUNE_ROWS=200000 swift test --disable-xctest --filter '^CommandLineTests\.CleanupKillTests'

prove-replay: packages ## End a replay of 20,000 events 100 times, by SIGKILL and SIGTERM
	@scripts/debian-packages test
	swift build --build-tests
	.build/debug/prove-redrive replay $(ARGS)

prove-operations: packages ## Kill apply, park, unpark, discard and restore 20 times each over 20,000 records
	@scripts/debian-packages test
	swift build --build-tests
	.build/debug/prove-redrive operations $(ARGS)

prove-cluster: packages ## The same on three brokers
	@scripts/debian-packages test
	swift build --build-tests
	.build/debug/prove-redrive kills brokers=3 $(ARGS)

prove-server: packages ## Kill two servers, Kafka, Redis and PostgreSQL in turn under load (ARGS="rounds=3 seed=1")
	@scripts/debian-packages test
	swift build --build-tests
	.build/debug/prove-server outages $(ARGS)

# 30 minutes; 10 where CI=true.
MINUTES ?= $(if $(filter true,$(CI)),10,30)
prove-server-memory: packages ## Memory of two servers under MINUTES=30 of ever-new load
	@scripts/debian-packages test
	swift build --build-tests
	swift build $(RELEASE) --product gamification-server
	.build/debug/prove-server memory minutes=$(MINUTES) server=$(BIN)/gamification-server $(ARGS)

protocol: ## Make the C of the protocol files anew
	@scripts/debian-packages protocol
	@scripts/protocol

bench-grpc: ## CPU time of a bare gRPC call, beside Python's grpc.aio
	@scripts/debian-packages build bench
	@Benchmarks/grpc

bench-replay: ## Pace of a replay on Apache Kafka, alone and shared by four copies; unpaced beside kcat
	@scripts/debian-packages build bench
	@Benchmarks/replay

bench: ## Drain 500,000 records on Apache Kafka, beside kcat
	@scripts/debian-packages build bench
	@Benchmarks/drain

bench-start: ## Time that --help takes
	@scripts/debian-packages build bench
	@Benchmarks/start

bench-memory: ## Resident memory of a drain of 10 thousand and of 5 million records
	@scripts/debian-packages build bench
	@Benchmarks/memory

bench-plan: ## Write and apply a plan of a million entries: time, and resident memory
	@scripts/debian-packages build bench
	@Benchmarks/plan

bench-prune: ## Prune a million rows, beside a plain loop
	@scripts/debian-packages build test bench
	@Benchmarks/prune

bench-redis: ## SETs a second of the Redis client, beside redis-benchmark
	@scripts/debian-packages build bench
	@Benchmarks/redis

bench-server: ## CPU time, latency and memory of awards on two instances, in cgroups where they can be set; a Python service beside it
	@scripts/debian-packages build test bench
	@Benchmarks/server

bench-saga: packages ## A server that finds 200,000 points.earned waiting on Apache Kafka: events a second, CPU, totals, boards
	@scripts/debian-packages test
	swift build $(RELEASE) --product gamification-server
	swift build --product prove-server
	.build/debug/prove-server burst server=$(BIN)/gamification-server $(ARGS)

clean: ## Remove everything that was built
	rm -rf .build
