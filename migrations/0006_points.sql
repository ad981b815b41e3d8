-- Every points.earned event that was counted, by its time; rows are swept after 90 days.
CREATE TABLE IF NOT EXISTS points_ledger (
    event_id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    points bigint NOT NULL,
    created_at timestamptz(3) NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_points_ledger_created_at ON points_ledger (created_at);

-- points = swept + the sum of the ledger, at all times. 2^53 - 1 is the largest score that Redis keeps exactly.
CREATE TABLE IF NOT EXISTS customer_points (
    merchant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    points bigint NOT NULL DEFAULT 0,
    swept bigint NOT NULL DEFAULT 0,
    events bigint NOT NULL DEFAULT 0,
    last_day date,
    streak integer NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, customer_id),
    CONSTRAINT customer_points_exact CHECK (points BETWEEN -9007199254740991 AND 9007199254740991)
);

-- Merchants whose board in Redis missed an update.
CREATE TABLE IF NOT EXISTS board_repairs (
    merchant_id uuid PRIMARY KEY,
    noted_at timestamptz(3) NOT NULL DEFAULT now()
);

-- One row. The epoch rises when the durable Redis is another one than before, and on request; a board that was not
-- filled in the present epoch is not trusted.
CREATE TABLE IF NOT EXISTS leaderboard_epoch (
    singleton boolean PRIMARY KEY DEFAULT true,
    epoch bigint NOT NULL DEFAULT 1,
    redis_replication_id text,
    redis_run_id text,
    raised_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT leaderboard_epoch_is_one_row CHECK (singleton)
);
INSERT INTO leaderboard_epoch DEFAULT VALUES ON CONFLICT DO NOTHING;
