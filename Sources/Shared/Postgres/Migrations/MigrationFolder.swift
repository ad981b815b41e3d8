import Glibc

/// The folder of migrations that is installed with the programs.
package enum MigrationFolder {
    /// The most bytes that a file may have.
    static let limit = 1 << 20

    /// Reads all `NNNN_name.sql` of a folder, in the order of their numbers. Blocks.
    /// - Throws: `MigrationError` of kind `badFile` where the folder cannot be read, has no migrations, a file that is
    ///   none, a number twice, or a gap.
    package static func read(_ path: String) throws(MigrationError) -> [Migration] {
        guard let directory = opendir(path) else {
            throw MigrationError(
                .badFile, path, "the folder of migrations cannot be read (\(String(cString: strerror(errno))))")
        }
        defer { closedir(directory) }
        var migrations: [Migration] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".sql"), !name.hasPrefix(".") else { continue }
            migrations.append(try Migration(fileName: name, text: try text(path + "/" + name, name)))
        }
        migrations.sort { $0.number < $1.number }
        for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
            throw MigrationError(
                .badFile, migration.fileName, "the numbers in \(path) should go from 1 on without gap or repetition")
        }
        guard !migrations.isEmpty else { throw MigrationError(.badFile, path, "holds no migrations") }
        return migrations
    }

    private static func text(_ path: String, _ name: String) throws(MigrationError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw MigrationError(.badFile, name, String(cString: strerror(errno))) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw MigrationError(.badFile, name, String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        guard bytes.count <= limit else { throw MigrationError(.badFile, name, "is larger than \(limit) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw MigrationError(.badFile, name, "is not UTF-8 text")
        }
        return text
    }
}
