import Lifecycle
package import Testing

/// Runs a suite's tests on a blocking executor each, for modules whose calls block.
package struct BlockingTrait: TestTrait, SuiteTrait, TestScoping {
    package let isRecursive = true

    package func scopeProvider(for test: Test, testCase: Test.Case?) -> BlockingTrait? {
        testCase == nil ? nil : self
    }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let executor = BlockingExecutor(name: "test")
        defer { executor.shutdown() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == BlockingTrait {
    /// Every test on a thread of its own, where it may block.
    package static var blocking: BlockingTrait { BlockingTrait() }
}
