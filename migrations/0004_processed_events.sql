-- Merchants belong to another service; one is inserted when it is first seen in a validated token or event.
CREATE TABLE IF NOT EXISTS merchants (
    id uuid PRIMARY KEY
);

-- The events of an award. Rows are swept 24 hours after created_at.
CREATE TABLE IF NOT EXISTS processed_events (
    event_id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchants (id),
    event_type text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT processed_events_type CHECK (event_type IN ('badge.awarded', 'badge.task'))
);
CREATE INDEX IF NOT EXISTS idx_processed_events_merchant_id ON processed_events (merchant_id);
CREATE INDEX IF NOT EXISTS idx_processed_events_created_at ON processed_events (created_at);
