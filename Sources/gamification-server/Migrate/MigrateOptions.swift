import CommandLine
import Glibc
import Postgres
import PostgresKit
import ToolKit

/// What `migrate` was told, checked; nothing has been tried yet.
struct MigrateOptions: Sendable {
    let postgres: PostgresOptions
    let folder: String
    let showsStatus: Bool
    let isDryRun: Bool
    let wait: Duration
    let isJSON: Bool
    let log: LogOptions

    init(_ reader: inout OptionReader) {
        postgres = PostgresOptions(&reader, program: "gamification-server migrate")
        folder = reader.optionalPath(MigrateFlags.migrations) ?? Self.standardFolder
        showsStatus = reader.toggle(MigrateFlags.status)
        isDryRun = reader.toggle(.dryRun)
        wait = reader.duration(MigrateFlags.wait, in: .zero ... .seconds(86_400))
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        log = LogOptions(&reader)
        reader.exclusive([MigrateFlags.status, .dryRun], because: "each shows something else; give one of them")
    }

    /// Where `make install` puts the files, seen from the program; in a source tree the one in the working directory.
    private static var standardFolder: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let program = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let prefix = program.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 }
        let installed = prefix + "/share/gamification-toolkit/migrations"
        return access(installed, R_OK) == 0 ? installed : "migrations"
    }
}
