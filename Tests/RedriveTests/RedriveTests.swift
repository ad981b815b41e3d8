// RedriveTests
