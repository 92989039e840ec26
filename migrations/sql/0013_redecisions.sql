-- Images whose faces are to be decided again, from what is stored of them: somebody was enrolled, forgotten, merged or
-- corrected. Several wishes for one image are one row.
CREATE TABLE IF NOT EXISTS redecisions (
    image_id     BIGINT UNSIGNED NOT NULL,
    wishes       BIGINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'rises with every wish: a row that has more than were seen stays',
    due_at       DATETIME(6)     NOT NULL COMMENT 'not to be taken before',
    leased_until DATETIME(6)     NULL     COMMENT 'somebody is at it',
    PRIMARY KEY (image_id),
    KEY redecisions_due (due_at),
    CONSTRAINT redecisions_image_exists FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
