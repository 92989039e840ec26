-- Requests that name themselves (header Idempotency-Key) and what they were answered, so that one that comes again is
-- answered the same and done once.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    route        VARCHAR(64)       NOT NULL COMMENT 'keys of different routes are different keys',
    name         VARCHAR(255)      NOT NULL COMMENT 'the key, as the client chose it',
    request_hash BINARY(32)        NOT NULL COMMENT 'SHA-256 of the body: a key stands for one request',
    lease_token  BIGINT UNSIGNED   NOT NULL DEFAULT 1 COMMENT 'fencing token: rises each time the request is taken over',
    lease_until  DATETIME(6)       NOT NULL COMMENT 'a receiver that has not answered by then is gone',
    status       SMALLINT UNSIGNED NULL     COMMENT 'of the answer; none while the request is in work',
    content_type VARCHAR(64)       NULL,
    body         MEDIUMBLOB        NULL,
    created_at   DATETIME(6)       NOT NULL,
    PRIMARY KEY (route, name),
    KEY idempotency_keys_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
