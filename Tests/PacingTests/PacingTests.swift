// PacingTests
