// CommandLineModuleTests
