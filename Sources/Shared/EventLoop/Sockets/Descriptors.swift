import Glibc

/// Closes a descriptor that its owner has no use for.
package func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
