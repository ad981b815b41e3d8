/// A first-in-first-out queue whose operations take constant time on average. It has no bound of its own.
package struct Fifo<Element> {
    @usableFromInline var elements: [Element?] = []
    @usableFromInline var head = 0

    /// An empty queue.
    @inlinable package init() {}

    /// Elements that wait.
    @inlinable package var count: Int { elements.count - head }
    /// Whether none waits.
    @inlinable package var isEmpty: Bool { count == 0 }
    /// The one that came first.
    @inlinable package var first: Element? { head < elements.count ? elements[head] : nil }

    /// Adds `element` behind all others.
    @inlinable package mutating func append(_ element: Element) { elements.append(element) }

    /// Takes the one that came first.
    @inlinable package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head == elements.count {
                elements.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 1_024, head * 2 >= elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}

extension Fifo: Sendable where Element: Sendable {}
