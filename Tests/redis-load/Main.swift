import Lifecycle
import Redis

/// Sends SETs through the client for a benchmark: `redis-load PORT COUNT DEPTH` keeps DEPTH under way on one connection,
/// and prints how many a second were answered.
@main
enum Main {
    static func main() throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else {
            print("usage: redis-load PORT COUNT DEPTH")
            return
        }
        let (port, count, depth) = (numbers[0], numbers[1], numbers[2])
        let client = try RedisClient(
            RedisConfiguration([RedisAddress(host: "127.0.0.1", port: port)], clientName: "redis-load"))
        while !client.isUp { turn(client) }
        let start = MonotonicInstant.now()
        var (sent, answered) = (0, 0)
        while answered < count {
            // What redis-benchmark does: a pipeline is sent whole, and the next one when it is answered.
            for _ in 0..<min(depth, count - sent) {
                try client.submit(RedisCommand("SET", key: "key:\(sent % 100_000)", "xxx"))
                sent += 1
            }
            client.flush()
            while answered < sent {
                turn(client)
                while let answer = client.take() {
                    _ = try answer.result.get()
                    answered += 1
                }
            }
        }
        print(Int(Double(count) / MonotonicInstant.now().seconds(since: start)))
        client.close()
    }

    private static func turn(_ client: RedisClient) {
        _ = DescriptorWait.wait(client.descriptor, for: .read, until: client.nextWake(at: .now()))
        client.advance()
    }
}
