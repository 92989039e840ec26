-- Messages that are to be published: written in the transaction that makes them necessary, sent after it.
CREATE TABLE IF NOT EXISTS outbox (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    image_id     BIGINT UNSIGNED NOT NULL,
    topic        VARCHAR(64)     NOT NULL,
    body         BLOB            NOT NULL,
    due_at       DATETIME(6)     NOT NULL COMMENT 'not to be published before',
    leased_until DATETIME(6)     NULL     COMMENT 'a relay is at it',
    published_at DATETIME(6)     NULL,
    publishes    INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'how often it was sent',
    PRIMARY KEY (id),
    KEY outbox_due (published_at, due_at),
    KEY outbox_image (image_id),
    CONSTRAINT outbox_image_exists FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
