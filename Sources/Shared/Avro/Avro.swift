// Avro
