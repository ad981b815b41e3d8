import CAvro
import Synchronization

/// The one door to libavro. It keeps its error text in memory that all threads share, so one thread at a time goes
/// through, and messages are ours.
enum LibAvro {
    private static let turn = Mutex<Void>(())

    static func locked<Result>(_ body: () -> Result) -> Result {
        turn.withLock { _ in body() }
    }
}

/// libavro's file writer, which compresses and writes blocks.
///
/// Closing writes what is left. If that fails libavro does not let go of its buffers and its file, and they stay until
/// the process ends.
struct LibAvroBlockWriter: ~Copyable {
    private let handle: avro_file_writer_t

    /// Opens a file that has its header, to append blocks; nil if libavro does not accept the file.
    init?(path: String, blockBytes: Int) {
        var opened: avro_file_writer_t?
        let code = LibAvro.locked { avro_file_writer_open_bs(path, &opened, blockBytes) }
        guard code == 0, let opened else { return nil }
        handle = opened
    }

    /// Whether there is a file to write to, for a writer that may be absent.
    var isOpen: Bool { true }

    /// Adds one encoded datum to the block, which is written first if the datum has no room in it.
    func append(_ datum: UnsafeRawBufferPointer) -> Bool {
        LibAvro.locked { avro_file_writer_append_encoded(handle, datum.baseAddress, Int64(datum.count)) == 0 }
    }

    /// Ends the block, if there is anything in it, and hands everything to the operating system. libavro does not
    /// report a failure to do so: see that the file ends with its marker.
    func flush() -> Bool {
        LibAvro.locked { avro_file_writer_flush(handle) == 0 }
    }

    /// The same, and gives the file back.
    consuming func close() -> Bool {
        let handle = handle
        discard self
        return LibAvro.locked { avro_file_writer_close(handle) == 0 }
    }

    deinit {
        _ = LibAvro.locked { avro_file_writer_close(handle) }
    }
}
