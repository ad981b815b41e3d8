// Redrive
