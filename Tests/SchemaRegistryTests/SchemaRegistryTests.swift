// SchemaRegistryTests
