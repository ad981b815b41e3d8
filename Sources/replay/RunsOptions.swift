import CommandLine
import Runs
import ToolKit

/// What `runs` and `status` were told.
struct RunsOptions: Sendable {
    var connection: ConnectionOptions
    let runsTopic: String
    /// For `status`.
    let run: String
    let includesAll: Bool
    let isJSON: Bool
    let log: LogOptions

    init(_ reader: inout OptionReader) {
        connection = ConnectionOptions(&reader, program: Replay.table.program)
        runsTopic = reader.topic(RedriveFlags.runsTopic)
        let isStatus = reader.command.name == Replay.status.name
        run = isStatus ? reader.name(Replay.runName) : ""
        includesAll = isStatus ? true : reader.toggle(Replay.all)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        log = LogOptions(&reader)
    }
}

/// What `rate`, `pause`, `resume` and `stop` were told.
struct ControlOptions: Sendable {
    enum Wish: Sendable, Equatable {
        case rate(String)
        case pause, resume, stop
    }

    var connection: ConnectionOptions
    let runsTopic: String
    let run: String
    let wish: Wish
    let isJSON: Bool
    let log: LogOptions

    init(_ reader: inout OptionReader) {
        connection = ConnectionOptions(&reader, program: Replay.table.program)
        runsTopic = reader.topic(RedriveFlags.runsTopic)
        run = reader.name(Replay.runName)
        switch reader.command.name {
        case Replay.rate.name:
            let rate = reader.positional(0) { text throws(ValueError) in try Rate(text) }
            wish = .rate(rate?.description ?? "")
        case Replay.pause.name: wish = .pause
        case Replay.resume.name: wish = .resume
        default: wish = .stop
        }
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        log = LogOptions(&reader)
    }
}
