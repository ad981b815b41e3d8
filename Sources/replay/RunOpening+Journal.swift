import CommandLine
import Pacing
import Redrive
import Runs
import ToolKit

/// Entering the run, and what was said of its pace.
extension RunOpening {
    /// The rate that holds: as asked for now, as an operator has set it, as the run was started with, in this order.
    var pace: (profile: RateProfile, text: String) {
        guard !options.isRateGiven else { return (options.pace, options.rateText) }
        for text in [entry.control?.rate, entry.record?.rate] {
            if let text, let profile = try? RateProfile(parsing: text) { return (profile, text) }
        }
        return (options.pace, options.rateText)
    }

    /// Does what an operator has said of the run up to now: of what is said from now on the journal hears.
    func begin(_ controls: RunControls, _ journal: RunJournal, _ say: Reporter) {
        guard var control = journal.session.control else { return }
        if options.isRateGiven || control.rate == entry.control?.rate { control.rate = nil }
        controls.heed(control)
        if control.isPaused {
            say.warning("run \(name) is paused; let it go on with: replay resume --run \(name)")
        }
    }

    /// Enters this copy under the run's name, once more checking that the run is the same.
    func journal(_ record: RunRecord, _ options: ReplayOptions) throws -> RunJournal {
        let journal = try RunJournal.open(
            options.connection.kafka, topic: options.runsTopic, record: record, copy: copy,
            patience: StartCommand.patience
        ) { entry in
            if let known = entry.record { try RunOpening.check(options, known) }
        }
        guard let journal else { throw RunAccess.missing(options.runsTopic) }
        // Copies that run already follow a rate that this start has asked for.
        if options.isRateGiven, entry.record != nil, options.rateText != (entry.control?.rate ?? entry.record?.rate),
            !options.rateText.contains(":")
        {
            var control = journal.session.control ?? RunControl(at: 0, by: "")
            control.rate = options.rateText
            control.at = TimeSource.milliseconds()
            control.by = RunName.who()
            try journal.write(control)
        }
        return journal
    }
}
