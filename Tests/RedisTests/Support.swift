import Configuration
import Redis
import TestSupport

extension RedisConfiguration {
    /// The server on `port` of 127.0.0.1.
    static func local(_ port: UInt16) -> RedisConfiguration { .local([port]) }

    static func local(_ ports: [UInt16]) -> RedisConfiguration {
        RedisConfiguration(ports.map { RedisAddress(host: "127.0.0.1", port: Int($0)) }, clientName: "RedisTests")
    }

    func with(_ change: (inout RedisConfiguration) -> Void) -> RedisConfiguration {
        var copy = self
        change(&copy)
        return copy
    }
}

/// The error that `body` throws, nil if none.
func redisError(_ body: () throws -> Void) -> RedisError? {
    do {
        try body()
        return nil
    } catch {
        return error as? RedisError
    }
}

extension Result where Success == RedisReply, Failure == RedisError {
    var reply: RedisReply? { try? get() }
    var error: RedisError? { if case .failure(let error) = self { error } else { nil } }
}

/// A command of words, none of them a key.
func command(_ name: StaticString, _ words: String...) -> RedisCommand {
    var command = RedisCommand(name)
    for word in words { command.add(word) }
    return command
}

extension RedisReply {
    static func text(_ text: String) -> RedisReply { .bytes(Array(text.utf8)) }
}
