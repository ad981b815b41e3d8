-- The row is the award, and the outbox: published_at is set when Kafka has acknowledged both of its events.
CREATE TABLE IF NOT EXISTS badge_awards (
    merchant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    badge text NOT NULL,
    event_id uuid NOT NULL,
    locale text NOT NULL,
    awarded_at timestamptz(3) NOT NULL DEFAULT now(),
    trace_id text,
    published_at timestamptz(3),
    PRIMARY KEY (merchant_id, customer_id, badge)
);
CREATE INDEX IF NOT EXISTS idx_badge_awards_unpublished ON badge_awards (awarded_at) WHERE published_at IS NULL;
