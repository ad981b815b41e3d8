import Foundation

/// How many hostile inputs a test tries: what `HOSTILE_INPUTS` says, for a long run, else `count`.
func hostileInputs(normally count: Int) -> Int {
    ProcessInfo.processInfo.environment["HOSTILE_INPUTS"].flatMap(Int.init) ?? count
}
