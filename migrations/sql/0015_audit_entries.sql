-- Who or what changed a person, a face or a rule. No foreign keys: an entry outlives what it tells of.
CREATE TABLE IF NOT EXISTS audit_entries (
    id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    at        DATETIME(6)     NOT NULL,
    actor     VARCHAR(64)     NOT NULL COMMENT 'engine, or what whoever asked calls themselves',
    action    VARCHAR(32)     NOT NULL COMMENT 'one word group, for instance face_assigned',
    person_id BIGINT UNSIGNED NULL,
    face_id   BIGINT UNSIGNED NULL,
    image_id  BIGINT UNSIGNED NULL,
    detail    JSON            NOT NULL COMMENT 'from what to what',
    PRIMARY KEY (id),
    KEY audit_entries_person (person_id),
    KEY audit_entries_image (image_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
