-- Requests to purge a merchant's audit trail, and how far each has come.
CREATE TABLE IF NOT EXISTS purge_requests (
    event_id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    requested_at timestamptz(3) NOT NULL DEFAULT now(),
    trace_id text,
    purged bigint NOT NULL DEFAULT 0,
    published_at timestamptz(3),
    done_at timestamptz(3)
);
-- A repeat joins the one that is unfinished.
CREATE UNIQUE INDEX IF NOT EXISTS purge_requests_unfinished ON purge_requests (merchant_id) WHERE done_at IS NULL;
