/// The Avro schema of an archive: one datum for each Kafka record, with everything that makes it.
package enum ArchiveSchema {
    /// Names of headers are strings where they are UTF-8, as they should be, else bytes. The last record of a block says
    /// in `positions` how far every partition had been read when the block was written, what was not selected included.
    package static let text = """
        {"type":"record","name":"Record","namespace":"gamification.archive.v1","fields":[
         {"name":"topic","type":"string"},
         {"name":"partition","type":"int"},
         {"name":"offset","type":"long"},
         {"name":"timestamp","type":{"type":"long","logicalType":"timestamp-millis"}},
         {"name":"timestamp_type","type":{"type":"enum","name":"TimestampType","symbols":["none","create_time","log_append_time"]}},
         {"name":"key","type":["null","bytes"]},
         {"name":"value","type":["null","bytes"]},
         {"name":"headers","type":{"type":"array","items":{"type":"record","name":"Header","fields":[
          {"name":"name","type":["string","bytes"]},
          {"name":"value","type":["null","bytes"]}]}}},
         {"name":"positions","type":["null",{"type":"array","items":{"type":"record","name":"Position","fields":[
          {"name":"topic","type":"string"},
          {"name":"partition","type":"int"},
          {"name":"offset","type":"long"}]}}],"default":null}]}
        """
}
